"""Tables of reviews and links."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.reviews import store
from accounts.reviews.states import ReviewKind, ReviewState
from foundation.sql.database import Database


async def review(conn: AsyncConnection, about: str) -> int:
    row = {
        "kind": ReviewKind.DUPLICATE, "about": about, "account": 2, "other_account": 1, "state": ReviewState.OPEN,
        "score": 90, "signals": "x", "is_automatic": False, "has_request": False, "opened_at": 1, "changed_at": 1,
    }  # fmt: skip
    made: int = (
        await conn.execute(sa.insert(store.review).values(row).returning(store.review.c.id))
    ).scalar_one()
    return made


async def link(conn: AsyncConnection, of: int, survivor: int) -> None:
    row = {"account": 2, "survivor": survivor, "review": of, "reason": "decided", "linked_at": 1}
    await conn.execute(sa.insert(store.account_link).values(row))


async def test_an_account_is_a_duplicate_of_one_other_at_a_time(database: Database) -> None:
    """A second link in force is refused; once the first has ended there may be another."""
    first = await database.write(lambda conn: review(conn, "duplicate:1:2"))
    await database.write(lambda conn: link(conn, first, 1))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: link(conn, first, 3))
    end = sa.update(store.account_link).values(ended_at=5)
    await database.write(lambda conn: conn.execute(end))
    await database.write(lambda conn: link(conn, first, 3))


async def test_two_accounts_have_one_review(database: Database) -> None:
    """What a review is about stands once, also when two tasks find the same at once."""
    await database.write(lambda conn: review(conn, "duplicate:1:2"))
    with pytest.raises(IntegrityError):
        await database.write(lambda conn: review(conn, "duplicate:1:2"))
