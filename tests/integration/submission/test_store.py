"""What the tables of submission hold by themselves: the last line of P2 and P4."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.sql.database import Database
from submission import store
from submission.states import Capacity, SubmissionStatus
from tests.support.desks import make_account, make_desk
from tests.support.rooms import make_period


async def one_and_another(database: Database) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two rows of submissions that have nothing in common but their period."""
    desk = make_desk(database)
    accounts = [await make_account(desk, number) for number in (1, 2)]
    period = await make_period(database)
    desk.accounts.hasher.close()
    both = {
        "period": period.uid, "submitted_at": 0, "pay_by": 0, "capacity": Capacity.CANDIDATE, "device": "{}",
        "content": "{}",
    }  # fmt: skip
    one = both | {"receipt": "R1", "rank": 1, "number": 11, "account": accounts[0], "person": "p1"}
    other = both | {"receipt": "R2", "rank": 2, "number": 12, "account": accounts[1], "person": "p2"}
    return one, other


@pytest.mark.parametrize("column", ["receipt", "rank", "number", "account", "person"])
async def test_no_two_submissions_of_a_period_share_it(database: Database, column: str) -> None:
    """Rank, ticket, account and person are each there once in a period, and a receipt once in all."""
    one, other = await one_and_another(database)
    await database.write(lambda conn: conn.execute(sa.insert(store.submission).values(one)))
    twin = other | {column: one[column]}
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: conn.execute(sa.insert(store.submission).values(twin)))
    await database.write(lambda conn: conn.execute(sa.insert(store.submission).values(other)))
    found = await database.read(lambda conn: conn.execute(sa.select(store.submission.c.status)))
    assert set(found.scalars()) == {SubmissionStatus.SUBMITTED}


async def test_ranks_name_the_submissions_of_one_transaction(database: Database) -> None:
    """From one rank to another, of one period alone."""
    one, other = await one_and_another(database)
    await database.write(lambda conn: conn.execute(sa.insert(store.submission), [one, other]))

    async def between(first: int, last: int, uid: str = one["period"]) -> list[str]:
        statement = sa.select(store.submission.c.receipt).where(store.RANKS).order_by(store.submission.c.rank)
        values = {"uid": uid, "first": first, "last": last}
        return list((await database.read(lambda conn: conn.execute(statement, values))).scalars())

    assert await between(1, 2) == ["R1", "R2"]
    assert await between(2, 9) == ["R2"]
    assert await between(1, 2, "another period") == []
