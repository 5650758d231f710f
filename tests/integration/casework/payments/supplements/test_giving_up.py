"""An amendment that waits for its fee is given up once, never after it was paid; money that still comes goes back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.files.states import FileEventKind, FileStatus
from casework.files.tasks import FileTask
from casework.payments import cases, deciding
from casework.payments.card import charges
from casework.payments.postal import PostalVerdict
from casework.payments.states import MoneyAct, MoneyReason
from casework.payments.supplements import ending, giving_up
from casework.payments.supplements.rows import Supplement, SupplementState
from evidence import verify
from evidence.recount import recount
from foundation import outbox
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from tests.support.candidates.paying import (
    AGENT,
    FEE,
    PAYMENTS,
    balance_of,
    came_by_post,
    move_money,
    status_of_file,
    titles_of,
)
from tests.support.casework.file_events import happened
from tests.support.casework.supplements import EXTRA, ask, asked, kinds_of, supplements_of

ANNE = Actor("anne", "candidate")

GIVEN_UP, PAID, LAPSED = SupplementState.GIVEN_UP, SupplementState.PAID, SupplementState.LAPSED


async def give_up(database: Database, serial: int = 1) -> Supplement:
    return await database.write(lambda conn: giving_up.give_up(conn, PAYMENTS, 1, serial, ANNE, now_ms()))


async def states(database: Database) -> list[SupplementState]:
    return [one.state for one in await supplements_of(database)]


async def broken(database: Database) -> list[str]:
    """What `guichet verify` names of the money."""
    found = recount(await verify.read(database, "essai"))
    return [one.sentence for one in found if one.promise == "P15"]


async def test_it_is_given_up_once_and_told_and_the_file_stays(database: Database) -> None:
    await asked(database)
    first, again = [await give_up(database) for _ in range(2)]
    assert (first.state, again) == (GIVEN_UP, first)
    assert await kinds_of(database) == [FileEventKind.AMENDED, FileEventKind.AMENDMENT_GIVEN_UP]
    assert (await titles_of(database))[1] == ["Modification abandonnée"]
    assert await status_of_file(database) is FileStatus.PAID
    assert await broken(database) == []


async def test_another_can_be_asked_for_and_paid_afterwards(database: Database) -> None:
    await asked(database)
    await give_up(database)
    await database.write(lambda conn: ask(conn, 2))
    await database.write(lambda conn: move_money(conn, EXTRA, "card:2"))
    assert (await states(database), await broken(database)) == ([GIVEN_UP, PAID], [])


async def test_what_is_paid_is_not_given_up(database: Database) -> None:
    await asked(database)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    with pytest.raises(Refusal) as caught:
        await give_up(database)
    assert caught.value.code is Code.ALREADY_PAID
    assert await states(database) == [PAID]


async def test_nor_what_lapsed_what_is_none_or_of_a_file_that_has_ended(database: Database) -> None:
    one = await asked(database, now_ms() - 80 * 86_400_000)
    with pytest.raises(Refusal) as none:
        await give_up(database, 2)
    await database.write(lambda conn: ending.end(conn, PAYMENTS, 1, now_ms()))
    with pytest.raises(Refusal) as lapsed:
        await give_up(database)
    await database.write(lambda conn: ask(conn, 2))
    await happened(database, 1, FileEventKind.WITHDRAWN)
    with pytest.raises(Refusal) as ended:
        await give_up(database, 2)
    assert [caught.value.code for caught in (none, lapsed, ended)] == [
        Code.NOT_FOUND, Code.MOVE_NOT_ALLOWED, Code.MOVE_NOT_ALLOWED
    ]  # fmt: skip
    assert one.state is SupplementState.AWAITED


async def test_money_by_card_that_comes_after_it_waits_to_be_given_back(database: Database) -> None:
    """One movement, one case, in which nothing but returning it can be decided; the amendment stays without effect."""
    await asked(database)
    await give_up(database)
    for _ in range(2):
        await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    (case,) = await database.read(cases.waiting)
    assert (case.reason, case.cents, await states(database)) == (MoneyReason.LAPSED, EXTRA, [GIVEN_UP])
    assert await broken(database) == []


async def test_by_post_it_goes_back_with_a_letter_that_says_why(database: Database) -> None:
    await asked(database)
    await give_up(database)
    judged = await came_by_post(database, EXTRA)
    assert (judged.verdict, judged.returned) == (PostalVerdict.SUPPLEMENT_GIVEN_UP, True)
    assert (judged.fee, judged.pay_by) == (None, None)
    assert (await titles_of(database))[0] == ["Paiement retourné"]
    assert (await balance_of(database), await states(database)) == (FEE, [GIVEN_UP])
    assert await broken(database) == []


async def test_late_money_that_a_person_looks_at_can_only_go_back_then(database: Database) -> None:
    """There is nothing left to accept it for."""
    one = await asked(database)
    late = one.last_day + timedelta(days=1)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra", on_day=late))
    await give_up(database)
    (case,) = await database.read(cases.waiting)
    assert case.reason is MoneyReason.LAPSED
    decide = deciding.decide
    with pytest.raises(Refusal) as caught:
        await database.write(
            lambda conn: decide(conn, PAYMENTS, case.id, MoneyAct.ACCEPT, "x", AGENT, now_ms())
        )
    assert caught.value.code is Code.MOVE_NOT_ALLOWED
    assert (await states(database), await broken(database)) == ([GIVEN_UP], [])


async def test_the_page_of_a_card_that_is_being_charged_is_closed_by_a_task(database: Database) -> None:
    await asked(database)
    now = now_ms()
    await database.write(lambda conn: charges.begin(conn, 1, "sandbox", EXTRA, now + 3_600_000, "anne", now))
    await give_up(database)
    t = outbox.task.c
    staged = sa.select(t.id).where(t.kind == FileTask.WITHDRAWN_CARD)
    assert len((await database.read(lambda conn: conn.execute(staged))).all()) == 1
