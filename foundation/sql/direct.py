"""Looks that are asked all the time, handed to the driver as they are: SQLAlchemy writes each statement once.

To find a statement again, to bind its values, to cross into a greenlet for the driver and to make rows of its answer
takes SQLAlchemy several times what SQLite or asyncpg take for the look itself. Here the text that it compiles for a
store is kept with the order of its parameters. What values and columns need on their way stays SQLAlchemy's.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql.postgresql import PooledConnection
from foundation.sql.sqlite import InlineConnection

Convert = Callable[[Any], Any]

Statement = sa.Select[Any] | sa.CompoundSelect[Any] | sa.TextClause
"""Of a text the columns come as the driver gives them."""


class _Compiled(NamedTuple):
    """The text for a store, its parameters in order with what each needs, the values that it has itself, and the
    columns of a row that have to be made from what the driver gives."""

    text: str
    parameters: tuple[tuple[str, Convert | None], ...]
    own: Mapping[str, Any]
    columns: tuple[tuple[int, Convert], ...]


class DirectLook:
    """A SELECT that takes this way. Made once, where the module is read. A list that is written out (`in_`) stands in
    one that is given no values; `among` in any."""

    def __init__(self, statement: Statement) -> None:
        self.statement: Any = statement
        self._compiled: dict[str, _Compiled] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns of a row, in their order."""
        return tuple(str(column.key) for column in getattr(self.statement, "selected_columns", ()))

    async def rows(self, conn: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows for these values. Raises what the driver raises (`outage.py` knows it).

        On PostgreSQL a statement outside of a transaction is one by itself, which at READ COMMITTED says the same and
        saves two ways to the server; in one that has begun there it is a part of it. As the first of a transaction of
        SQLAlchemy's, and behind a pooler, whose transactions begin with our limits, it goes SQLAlchemy's way.
        """
        driver: Any = cast(Any, conn.sync_connection).connection.driver_connection
        if isinstance(driver, InlineConnection):
            if not driver.in_transaction:  # one state for all looks that follow; `database.py` knows of it
                await driver.run("execute", "BEGIN", ())
            made = self._for(conn.dialect)
            found: Sequence[Any] = (await driver.run("execute", made.text, _bound(made, values)))[-1]
        elif type(driver) is PooledConnection or (conn.in_transaction() and not driver.is_in_transaction()):
            return cast(Sequence[Any], (await conn.execute(self.statement, values)).all())
        else:
            made = self._for(conn.dialect)
            found = await driver.fetch(made.text, *_bound(made, values))
        return [_converted(row, made.columns) for row in found] if made.columns else found

    def _for(self, dialect: sa.Dialect) -> _Compiled:
        return _known(self._compiled, self.statement, dialect)


class DirectWrite:
    """An INSERT or UPDATE, executed for each of many rows, in a step that has begun. At PostgreSQL one statement for
    all is cheaper where there are many (`bulk.py`)."""

    def __init__(self, statement: sa.Insert | sa.Update) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    async def rows(self, conn: AsyncConnection, some: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each of these rows. Raises what the driver raises.

        Behind a pooler, and as the first of a transaction at PostgreSQL, it goes SQLAlchemy's way.
        """
        driver: Any = cast(Any, conn.sync_connection).connection.driver_connection
        is_sqlite = isinstance(driver, InlineConnection)
        if not is_sqlite and (type(driver) is PooledConnection or not driver.is_in_transaction()):
            await conn.execute(self.statement, some)
            return
        made = _known(self._compiled, self.statement, conn.dialect)
        bound = [_bound(made, one) for one in some]
        if is_sqlite:
            await driver.run("executemany", made.text, bound)
        else:
            await driver.executemany(made.text, bound)


def _known(compiled: dict[str, _Compiled], statement: Any, dialect: sa.Dialect) -> _Compiled:
    made = compiled.get(dialect.name)
    if made is None:
        made = compiled[dialect.name] = _compiled(statement, dialect)
    return made


def _bound(made: _Compiled, values: Mapping[str, Any]) -> list[Any]:
    """KeyError for a parameter without a value."""
    own, bound = made.own, []
    for name, convert in made.parameters:
        value = values[name] if name in values else own[name]
        bound.append(value if convert is None else convert(value))
    return bound


def _compiled(statement: Any, dialect: sa.Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    asked = {name for name, one in compiled.binds.items() if one.required}
    own = {
        name: value for name, value in compiled.construct_params(_check=False).items() if name not in asked
    }
    parameters = tuple((name, _bind_of(compiled, name, dialect)) for name in compiled.positiontup)
    columns = tuple(
        (place, convert)
        for place, column in enumerate(getattr(statement, "selected_columns", ()))
        # Of a fraction SQLAlchemy would ask the driver more: both give a float.
        if not isinstance(column.type, sa.Float)
        and (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
    )
    return _Compiled(str(compiled), parameters, own, columns)


def _bind_of(compiled: Any, name: str, dialect: sa.Dialect) -> Convert | None:
    """What a parameter's value needs; one of a list that was written out (`in_`) is as it is."""
    bind = compiled.binds.get(name)
    return None if bind is None else bind.type.dialect_impl(dialect).bind_processor(dialect)


def _converted(row: Sequence[Any], columns: Sequence[tuple[int, Convert]]) -> list[Any]:
    made = list(row)
    for place, convert in columns:
        made[place] = convert(made[place])
    return made
