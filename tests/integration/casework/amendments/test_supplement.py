"""What an amendment costs that adds a person: fixed with it, and without effect before it is paid (PM-01)."""

import pytest

from casework.amendments.frozen_now import answers_now
from casework.amendments.reading import FileAmendment
from casework.amendments.states import AmendmentGround
from casework.files.states import FileEventKind
from casework.payments.supplements import ending, rows
from casework.payments.supplements.rows import SupplementState
from console.amendments import desk
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from submission.fees import FeePerson
from submission.forms.model import AmendmentKind
from submission.pay_by import pay_by
from tests.support.candidates.paying import PAYMENTS, move_money
from tests.support.casework.supplements import (
    EXTRA,
    FAMILY,
    family_file,
    file_of,
    kinds_of,
    supplements_of,
    with_child,
)

OTHER_KEY = "b1b2c3d4e5f6"


async def digest_now(database: Database) -> str:
    """Of what lists of documents and decisions are made of."""
    head = (await file_of(database)).sheet
    return (await database.read(lambda conn: answers_now(conn, FAMILY, head, now_ms()))).digest


async def children_now(database: Database) -> int:
    return str((await file_of(database)).now_is).count("Élise")


async def test_a_child_costs_what_the_table_of_the_day_says(database: Database) -> None:
    """Told twice, one fee; its line, its last day, and the tasks that tell."""
    await family_file(database)
    made = [await with_child(database) for _ in range(2)]
    assert made[0].id == made[1].id
    (one,) = await supplements_of(database)
    assert [(line.person, line.count) for line in one.fee.lines] == [(FeePerson.DEPENDANT, 1)]
    assert (one.cents, one.serial) == (EXTRA, 1)
    assert day_of(one.pay_by) == day_of(pay_by(one.asked_at, 30))
    assert await kinds_of(database) == [FileEventKind.AMENDED]


async def test_who_does_not_come_along_costs_nothing(database: Database) -> None:
    await family_file(database)
    made = await with_child(database, comes="non")
    assert (made.supplement, made.counts, await supplements_of(database)) == (None, True, [])


async def test_it_counts_once_it_is_paid(database: Database) -> None:
    """Neither the answers now, of which lists and decisions are made, nor the agents' queue know it before."""
    await family_file(database)
    before = await digest_now(database)
    await with_child(database)
    assert (await digest_now(database), await children_now(database)) == (before, 0)
    assert await database.read(desk.waiting) == []
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    assert await digest_now(database) != before
    assert await children_now(database) == 1
    assert [one.serial for one in await database.read(desk.waiting)] == [1]


async def test_one_at_a_time_and_again_after_a_lapse(database: Database) -> None:
    await family_file(database)
    await with_child(database)
    with pytest.raises(Refusal) as caught:
        await with_child(database, OTHER_KEY, 1)
    assert caught.value.code == Code.MODIFICATION_NOT_AVAILABLE
    assert caught.value.fields["ground"] == AmendmentGround.FEE_AWAITED
    assert (await file_of(database)).ground(AmendmentKind.ADDRESS) is not AmendmentGround.FEE_AWAITED
    (one,) = await supplements_of(database)
    late = end_of_day(one.last_day) + 40 * 86_400_000
    await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, late))
    (gone,) = (await file_of(database)).amendments
    assert (gone.counts, gone.standing) == (False, "Sans effet, frais non payés")
    assert await children_now(database) == 0
    await with_child(database, OTHER_KEY, 1)
    found = await supplements_of(database)
    assert [one.state for one in found] == [SupplementState.LAPSED, SupplementState.AWAITED]
    assert rows.awaited_of(found) == found[1]


async def test_without_the_look_a_lapsed_child_would_count(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: where amendments are folded whatever they cost, an unpaid child is read."""
    monkeypatch.setattr(FileAmendment, "counts", property(lambda _self: True))
    await family_file(database)
    await with_child(database)
    assert await children_now(database) == 1
