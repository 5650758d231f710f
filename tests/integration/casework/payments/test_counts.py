"""Two counts: what was submitted never goes down, what is counted is what is paid in time (QU-05)."""

import sqlalchemy as sa

from casework.payments import counts
from casework.payments.states import MovementKind
from evidence import verify
from evidence.money import recount_money
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota.store import period
from submission.follow_up import FollowUp
from submission.store import submission
from tests.support.candidates.paying import FEE, FREE_PERIOD, move_money
from tests.support.tasks import EFFECTS, about, submitted


async def counted(database: Database) -> tuple[int, int]:
    """As the service counts, and as the books do from the movements."""
    uid = (await database.read(lambda conn: conn.execute(sa.select(period.c.uid)))).scalar_one()
    ours = await database.read(lambda conn: counts.counted(conn, uid))
    return ours, recount_money.counted(await verify.read(database, "essai"))


async def test_both_counts(database: Database) -> None:
    await submitted(database, 3)
    assert await counted(database) == (0, 0)
    for number in (1, 2):
        await database.write(lambda conn, number=number: move_money(conn, FEE, f"k{number}", number=number))  # type: ignore[misc]
    assert await counted(database) == (2, 2)
    await database.write(lambda conn: move_money(conn, FEE, "back", kind=MovementKind.OUT))
    assert await counted(database) == (1, 1)
    gone = sa.update(submission).where(submission.c.id == 2).values(status="duplicate")
    await database.write(lambda conn: conn.execute(gone))
    assert await counted(database) == (0, 0)
    books = await verify.read(database, "essai")
    assert (books.period.accepted, recount_money.money_adds_up(books)) == (3, [])


async def test_what_costs_nothing_is_counted_as_soon_as_it_is_opened(database: Database) -> None:
    await submitted(database, 2, **FREE_PERIOD)
    await database.write(lambda conn: EFFECTS[FollowUp.PAYMENT_WATCH](conn, about(2), now_ms()))
    assert await counted(database) == (1, 1)
    books = await verify.read(database, "essai")
    assert recount_money.money_adds_up(books) == []
