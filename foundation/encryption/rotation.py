"""Encrypting anew, by the newest key, what an older one wrote: in small batches, while people work.

A batch is one short transaction. A row that changed since it was read is left alone, for its own change wrote it
newest; a row that the newest key wrote is skipped. So it may be stopped anywhere and begun again, and two of them at
once do no harm. What none of the keys opens is counted and left as it is.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.encryption.fields import FieldCipher

AT_ONCE: Final = 200
"""Rows in one transaction: some ten milliseconds, for which other writers wait."""

Key = tuple[Any, ...]

Resealed = Callable[[Any], Mapping[str, Any] | None]
"""The columns of a row that the newest key did not write, as it writes them; None for a row that no key opens."""


class RotationBatch(NamedTuple):
    """A batch that was looked at: the key of its last row, how many rows it had, how many were written anew, and how
    many no key opens."""

    last: Key
    looked: int
    written: int
    unreadable: int = 0


class Rotation(NamedTuple):
    """One table of encrypted columns. `total` is how many rows there are to look at; `batch` looks at those behind a
    key, and is None when there are no more."""

    name: str
    total: Callable[[AsyncConnection], Awaitable[int]]
    batch: Callable[[AsyncConnection, Key | None], Awaitable[RotationBatch | None]]


class EncryptedColumn(NamedTuple):
    """A column of texts: its cipher, which is that of a purpose, and where a row's text is bound to."""

    name: str
    cipher: FieldCipher
    binding: Callable[[Any], str]


def of_columns(table: sa.Table, columns: Iterable[EncryptedColumn]) -> Rotation:
    """The rotation of columns that `FieldCipher.encrypt` wrote."""
    known = list(columns)

    def resealed(row: Any) -> Mapping[str, Any] | None:
        values = {}
        for column in known:
            stored = getattr(row, column.name)
            if stored is None or column.cipher.is_newest(stored):
                continue
            text = column.cipher.decrypt(stored, column.binding(row))
            if text is None:
                return None
            values[column.name] = column.cipher.encrypt(text, column.binding(row))
        return values

    return of_rows(table, [column.name for column in known], resealed)


def of_rows(table: sa.Table, columns: Iterable[str], resealed: Resealed) -> Rotation:
    """The same where the feature says what a row is to be; `columns` are those that it may change."""
    keys, watched = list(table.primary_key.columns), [table.c[name] for name in columns]

    async def count(conn: AsyncConnection) -> int:
        return int((await conn.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())

    async def batch(conn: AsyncConnection, after: Key | None) -> RotationBatch | None:
        wanted = sa.select(table).order_by(*keys).limit(AT_ONCE)
        if after is not None:
            wanted = wanted.where(sa.tuple_(*keys) > after if len(keys) > 1 else keys[0] > after[0])
        rows = (await conn.execute(wanted)).all()
        if not rows:
            return None
        written = unreadable = 0
        for row in rows:
            values = resealed(row)
            if values is None:
                unreadable += 1
            elif values:
                same = [key == getattr(row, key.name) for key in keys]
                same += [one.is_not_distinct_from(getattr(row, one.name)) for one in watched]
                done = await conn.execute(sa.update(table).where(*same).values(**values))
                written += int(done.rowcount)
        last = tuple(getattr(rows[-1], key.name) for key in keys)
        return RotationBatch(last, len(rows), written, unreadable)

    return Rotation(table.name, count, batch)
