"""What the service holds about an account: of each feature, how it is read and how erased (PA-05, A-2.1 s. 84).

Features describe their own tables; `config/own_data/` lists them all, and a test compares that list with every table
that says whose its rows are.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.clock import rfc3339
from foundation.sql.tables import plain_row

Read = Callable[[AsyncConnection, int], Awaitable[Any]]
"""What is held about the account of this id, as values that JSON can say."""

Erase = Callable[[AsyncConnection, int], Awaitable[None]]
"""Erases it, in the transaction of the deletion."""

SECRET = frozenset({"password_hash", "answers_hash", "totp_secret", "digest", "secret", "jti", "hash"})
"""Columns that prove something and say nothing about a person: they are in no export."""


INSTANTS = frozenset({"at", "since", "pay_by", "kept_until"})
"""Names of instants beside those that end in `_at`."""


class HeldRecords(msgspec.Struct, frozen=True, kw_only=True):
    """One part of what is held. `tables` are those it reads. Without `erase` its rows go with the account's subject, or
    stay because they are the record of what was done; `kept_because` says so to the person."""

    name: str
    title: str
    tables: frozenset[str]
    read: Read
    erase: Erase | None = None
    kept_because: str = ""


def rows_of(
    name: str,
    title: str,
    table: sa.Table,
    owner: Callable[[int], sa.ColumnElement[bool]],
    *,
    without: Collection[str] = (),
    kept_because: str = "",
) -> HeldRecords:
    """All rows of a table that are this account's, without columns that are secret or `without`.

    They are erased with the account, unless they are `kept_because` of something.
    """
    shown = [column for column in table.columns if column.name not in SECRET.union(without)]
    order = list(table.primary_key.columns)

    async def read(conn: AsyncConnection, account: int) -> Sequence[dict[str, Any]]:
        rows = await conn.execute(sa.select(*shown).where(owner(account)).order_by(*order))
        return [plain_row(row) for row in rows]

    async def erase(conn: AsyncConnection, account: int) -> None:
        await conn.execute(sa.delete(table).where(owner(account)))

    return HeldRecords(
        name=name,
        title=title,
        tables=frozenset({table.name}),
        read=read,
        erase=None if kept_because else erase,
        kept_because=kept_because,
    )


async def read_all(conn: AsyncConnection, held: Sequence[HeldRecords], account: int) -> dict[str, Any]:
    """Everything that is held about an account, by the name of its part."""
    return {one.name: instants_told(await one.read(conn, account)) for one in held}


def instants_told(value: Any, name: str = "") -> Any:
    """The same, with each instant as the API tells it (`2026-06-13T12:30:00.000Z`), which a person can read."""
    if isinstance(value, dict):
        return {key: instants_told(one, key) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [instants_told(one) for one in value]
    is_instant = isinstance(value, int) and (name in INSTANTS or name.endswith("_at"))
    return rfc3339(value) if is_instant else value
