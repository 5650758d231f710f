"""People: who may sign in, what proves it, and which person an account is.

Passwords and answers are hashed with Argon2id, off the event loop, in a few threads with a short queue. An unknown user
name costs the same two verifications as a known one, so that the time of an answer tells nobody which names exist.
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.identities import Identity
from foundation.errors import Code, Refusal
from quota.store import Period


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account's row as a value. `accommodation` (1 to 2) lengthens the token once."""

    id: int
    username: str
    password_hash: str
    answers_hash: str
    questions: list[str]
    created_at: int
    identity: Identity
    accommodation: float


def old_enough(account: Account, period: Period) -> None:
    """Accounts made too late may not apply in this period (WR-16). Raises Refusal account_too_recent."""
    before = period.accounts_created_before
    if before is not None and account.created_at >= before:
        raise Refusal(Code.ACCOUNT_TOO_RECENT)


_ACCOUNT = tuple(store.account.c[name] for name in Account.__struct_fields__)


async def by_username(conn: AsyncConnection, username: str) -> Account | None:
    """The account with this user name, as `known_as` writes it."""
    return await _one(conn, store.account.c.username == username)


async def by_id(conn: AsyncConnection, account_id: int) -> Account | None:
    """The account with this id, or None."""
    return await _one(conn, store.account.c.id == account_id)


async def _one(conn: AsyncConnection, where: sa.ColumnElement[bool]) -> Account | None:
    row = (await conn.execute(sa.select(*_ACCOUNT).where(where))).one_or_none()
    if row is None:
        return None
    return account_of(row)


def account_of(row: sa.Row[*tuple[Any, ...]]) -> Account:
    """An account from a row that has its columns, among others."""
    return Account(
        id=row.id,
        username=row.username,
        password_hash=row.password_hash,
        answers_hash=row.answers_hash,
        questions=msgspec.json.decode(row.questions, type=list[str]),
        created_at=row.created_at,
        identity=msgspec.json.decode(row.identity, type=Identity),
        accommodation=row.accommodation,
    )
