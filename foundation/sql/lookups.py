"""Rows that have one of many values in a column, or in one of several columns: a statement for each store.

Left the choice, PostgreSQL reads a whole table of a few thousand rows for that, as it takes reading in order to be four
times cheaper than reading here and there; or all that another index has of a period, which it takes for one row as long
as its statistics have not met that period. So every value looks itself up here, in the order of its column. SQLite is
given the same condition for each column, so that it takes an index for each instead of reading all rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.direct import DirectLook
from foundation.sql.tables import Many, among

LookedUp = tuple[sa.Column[Any], str, Sequence[sa.ColumnElement[bool]]]
"""A column, which is among those that are found; the parameter that has the values; and what else must hold of a row
that is found by it. Of the rows for which that holds, one at most has a value."""


class Lookup:
    """Finds these columns of the rows of one table, made once for both stores. A row that is found by two columns may
    come twice; a value that is given twice, too. The rows have no order."""

    def __init__(self, found: Sequence[sa.Column[Any]], by: Sequence[LookedUp]) -> None:
        self.looks: Mapping[str, DirectLook] = {
            "sqlite": DirectLook(_of_sqlite(found, by)), "postgresql": DirectLook(_of_postgresql(found, by))
        }  # fmt: skip
        """By the name of SQLAlchemy's dialect."""

    async def rows(self, conn: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows for these parameters: many values for each column, and what the conditions name."""
        return await self.looks[conn.dialect.name].rows(conn, values)


def _of_sqlite(found: Sequence[sa.Column[Any]], by: Sequence[LookedUp]) -> sa.Select[Any]:
    return sa.select(*found).where(
        sa.or_(*(sa.and_(*conditions, among(column, name)) for column, name, conditions in by))
    )


def _of_postgresql(found: Sequence[sa.Column[Any]], by: Sequence[LookedUp]) -> sa.CompoundSelect[Any]:
    def each(
        column: sa.Column[Any], name: str, conditions: Sequence[sa.ColumnElement[bool]]
    ) -> sa.Select[Any]:
        given = sa.func.unnest(sa.bindparam(name, type_=Many(column.type)))
        asked = given.table_valued(sa.column("value", column.type)).render_derived(f"asked_{name}")
        # The first at or behind the value: any other index than that of the column would have to be sorted for it.
        here = sa.select(*found).where(*conditions, column >= asked.c.value).order_by(column)
        first = here.limit(sa.literal_column("1")).correlate(asked).lateral(f"found_{name}")
        is_it = first.c[column.name] == asked.c.value
        return sa.select(*first.c).select_from(asked.join(first, is_it))

    return sa.union_all(*(each(*one) for one in by))
