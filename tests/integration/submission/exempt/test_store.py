"""What the tables of the exempt streams hold by themselves."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.sql.database import Database
from submission import store
from submission.exempt.store import exempt_claim, exempt_ledger
from tests.support.desks import make_account, make_desk


async def insert(db: Database, table: sa.Table, **values: Any) -> None:
    await db.write(lambda conn: conn.execute(sa.insert(table).values(values)))


def claim(account: int, state: str) -> dict[str, Any]:
    return {
        "account": account, "programme": "demo", "stream": "offre", "proof": "v1", "proof_key": "k",
        "state": state, "claimed_at": 1,
    }  # fmt: skip


async def test_an_account_has_one_standing_claim(database: Database) -> None:
    """One that waits, is accepted or was used; refused, withdrawn and removed ones stay beside it."""
    account = await make_account(make_desk(database))
    for state in ("refused", "withdrawn", "removed", "declared"):
        await insert(database, exempt_claim, **claim(account, state))
    for state in ("declared", "accepted", "used"):
        with pytest.raises(IntegrityError):
            await insert(database, exempt_claim, **claim(account, state))


async def test_a_submission_is_of_a_period_or_of_a_ledger(database: Database) -> None:
    """Never of both nor of neither; a ledger holds one live submission of an account and of a person, and each rank
    once."""
    desk = make_desk(database)
    one, other = await make_account(desk, 1), await make_account(desk, 2)
    await insert(database, exempt_ledger, programme="demo", person_key="k")

    def row(which: int, **values: Any) -> dict[str, Any]:
        return {
            "receipt": f"R{which}", "rank": which, "account": one, "person": "p1", "submitted_at": 1, "pay_by": 2,
            "capacity": "candidate", "device": "{}", "content": "{}", "ledger": "demo", "stream": "offre",
        } | values  # fmt: skip

    wrong: list[dict[str, Any]] = [{"number": 7}, {"ledger": None, "stream": None}, {"stream": None}]
    for values in wrong:
        with pytest.raises(IntegrityError):
            await insert(database, store.submission, **row(1, **values))
    await insert(database, store.submission, **row(1))
    for values in ({"person": "p2"}, {"account": other}, {"account": other, "person": "p2", "rank": 1}):
        with pytest.raises(IntegrityError):
            await insert(database, store.submission, **row(2, **values))
    await database.write(lambda conn: conn.execute(sa.update(store.submission).values(status="removed")))
    await insert(database, store.submission, **row(2))
