"""Rows that have one of many values in a column, or in one of several columns: a statement for each store.

Left the choice, PostgreSQL reads a whole table of a few thousand rows for that, as it takes reading in order to be four
times cheaper than reading here and there. So every value looks itself up here. And what all rows have in common, their
period, is not weighed by statistics: those of the intakes before say of a new period that it has one row, and with one
row any index that begins with the period does, for each value all of it. SQLite is given the same condition for each
column, so that it takes an index for each instead of reading all rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.direct import DirectLook
from foundation.sql.tables import Many, among

LookedUp = tuple[sa.Column[Any], str, Sequence[sa.ColumnElement[bool]]]
"""A column; the parameter that has the values; and what else must hold of a row that is found by it."""


class Lookup:
    """Finds these columns of the rows of one table, made once for both stores. A row that is found by two columns may
    come twice; a value that is given twice, too. The rows have no order."""

    def __init__(
        self, found: Sequence[sa.Column[Any]], within: tuple[sa.Column[Any], str], by: Sequence[LookedUp]
    ) -> None:
        """`within`: a column that has the same value in all of them, and the parameter that has this value. An index
        is there for it with each column of `by`."""
        self.looks: Mapping[str, DirectLook] = {
            "sqlite": DirectLook(_of_sqlite(found, within, by)),
            "postgresql": DirectLook(_of_postgresql(found, within, by)),
        }
        """By the name of SQLAlchemy's dialect."""

    async def rows(self, conn: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows for these parameters: one value for all, many for each column, and what the conditions name."""
        return await self.looks[conn.dialect.name].rows(conn, values)


def _of_sqlite(
    found: Sequence[sa.Column[Any]], within: tuple[sa.Column[Any], str], by: Sequence[LookedUp]
) -> sa.Select[Any]:
    here = within[0] == sa.bindparam(within[1])
    return sa.select(*found).where(
        sa.or_(*(sa.and_(here, *conditions, among(column, name)) for column, name, conditions in by))
    )


def _of_postgresql(
    found: Sequence[sa.Column[Any]], within: tuple[sa.Column[Any], str], by: Sequence[LookedUp]
) -> sa.CompoundSelect[Any]:
    # A query in its place, so that the planner does not see the value.
    here = within[0] == sa.select(sa.bindparam(within[1], type_=within[0].type)).scalar_subquery()

    def each(
        column: sa.Column[Any], name: str, conditions: Sequence[sa.ColumnElement[bool]]
    ) -> sa.Select[Any]:
        given = sa.func.unnest(sa.bindparam(name, type_=Many(column.type)))
        asked = given.table_valued(sa.column("value", column.type)).render_derived(f"asked_{name}")
        its = sa.select(*found).where(here, *conditions, column == asked.c.value)
        # What an offset stands in is not joined in another way: for each value, by itself.
        alone = its.offset(sa.literal_column("0")).correlate(asked).lateral(f"found_{name}")
        return sa.select(*alone.c).select_from(asked.join(alone, sa.true()))

    return sa.union_all(*(each(*one) for one in by))
