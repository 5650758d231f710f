"""Many rows of one table in one statement.

PostgreSQL takes them as columns, an array each: a statement that is executed once a row begins and ends once a row at
its server. SQLite has no arrays, and takes row by row what it prepared once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.direct import DirectWrite


def given_rows(columns: Sequence[sa.Column[Any]]) -> sa.TableValuedAlias:
    """Rows that are given as one array a column, as a table of PostgreSQL; the parameters have the columns' names."""
    given = [sa.bindparam(one.name, type_=postgresql.ARRAY(one.type)) for one in columns]
    return (
        sa.func.unnest(*given)
        .table_valued(*(sa.column(one.name, one.type) for one in columns))
        .render_derived()
    )


class BulkInsert:
    """An insert of any number of rows, made once for both stores. Each row gives every one of these columns, by name;
    the others stay empty, or as the table itself fills them in."""

    def __init__(self, table: sa.Table, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        given = given_rows([table.c[name] for name in columns])
        self._one_by_one = DirectWrite(
            sa.insert(table).values({name: sa.bindparam(name) for name in columns})
        )
        self._together = sa.insert(table).from_select(
            list(columns), sa.select(*(given.c[name] for name in columns)), include_defaults=False
        )

    async def execute(self, conn: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert these. Nothing happens for none."""
        if not rows:
            return
        if conn.dialect.name == "sqlite":
            await self._one_by_one.rows(conn, rows)
        else:
            await conn.execute(self._together, {name: [row[name] for row in rows] for name in self._columns})
