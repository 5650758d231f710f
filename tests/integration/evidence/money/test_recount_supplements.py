"""Supplements recounted from the store, through whole lives of them; and what somebody writes beside the service."""

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.states import MovementKind
from casework.payments.store import movement, supplement
from casework.payments.supplements import ending
from casework.payments.supplements.rows import SupplementState
from evidence import verify
from evidence.money import recount_supplements as checks
from evidence.money.recount_money import money_adds_up
from evidence.money.recount_supplements import supplements_add_up
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.paying import PAYMENTS, came_by_post, move_money
from tests.support.casework.supplements import EXTRA, ask, asked, family_file, supplements_of, with_child

DAY_MS = 86_400_000

Step = Callable[[AsyncConnection], Awaitable[object]]


UNPLACED = "more money is here than a file is asked for, and nobody was asked to decide of it"


async def findings(database: Database) -> list[str]:
    """The sentences of everything that does not add up."""
    books = await verify.read(database, "essai")
    return [one.sentence for one in (*money_adds_up(books), *supplements_add_up(books))]


async def test_a_paid_one_adds_up_and_is_in_the_report(database: Database) -> None:
    await family_file(database)
    await with_child(database)
    assert await findings(database) == []
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    books = await verify.read(database, "essai")
    assert supplements_add_up(books) == []
    lines = [line.replace("\N{NO-BREAK SPACE}", " ") for line in verify.report(books, [])]
    assert "fees of amendments: 1 asked for; 1 paid (176,00 $)" in lines


async def test_each_step_of_a_hard_life_adds_up(database: Database) -> None:
    """Returned by post, paid, gone back, lapsed, late money that waits for a person, and another one that is paid."""
    one = await asked(database, now_ms() - 80 * DAY_MS)
    await came_by_post(database, EXTRA - 1, on_day=one.last_day)
    steps: list[Step] = [
        lambda conn: move_money(conn, EXTRA, "card:1", charge="ch_1", on_day=one.last_day),
        lambda conn: move_money(conn, EXTRA, "card:back", kind=MovementKind.OUT, charge="ch_1"),
        lambda conn: ending.end(conn, PAYMENTS, 1, now_ms()),
        lambda conn: move_money(conn, EXTRA, "card:late"),
        lambda conn: move_money(conn, EXTRA, "card:late:back", kind=MovementKind.OUT),
        lambda conn: ask(conn, 2),
        lambda conn: move_money(conn, EXTRA, "card:2"),
    ]
    for n, step in enumerate(steps):
        await database.write(step)
        assert (n, await findings(database)) == (n, [])
    states = [one.state for one in await supplements_of(database)]
    assert states == [SupplementState.LAPSED, SupplementState.PAID]


@pytest.mark.parametrize(
    ("forged", "sentence"),
    [
        (sa.update(supplement).values(paid_at=None), checks.OTHERWISE),
        (sa.update(supplement).values(fee='{"since":"2021-01-01","lines":[]}'), checks.NOT_ASKED),
        (sa.delete(supplement), checks.NOT_ASKED),
        (sa.delete(movement).where(movement.c.key == "card:extra"), checks.NOT_HERE),
        (sa.update(movement).where(movement.c.key == "card:extra").values(cents=EXTRA + 1), UNPLACED),
        (sa.update(movement).where(movement.c.key == "card:extra").values(kind="returned"), checks.NOT_HERE),
    ],
    ids=["unpaid", "for nothing", "gone", "money gone", "more money", "money returned"],
)
async def test_what_is_written_beside_the_service_is_found(
    database: Database, forged: sa.Update | sa.Delete, sentence: str
) -> None:
    await asked(database)
    await database.write(lambda conn: move_money(conn, EXTRA, "card:extra"))
    assert await findings(database) == []
    await database.write(lambda conn: conn.execute(forged))
    assert sentence in await findings(database)
