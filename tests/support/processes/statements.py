"""Every statement that a process sends to its stores: SQLAlchemy's, and those that go to the driver as they are. And
of one, how PostgreSQL would go about it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.sql import direct


@contextlib.contextmanager
def heard(note: Callable[[str], object]) -> Iterator[None]:
    """`note` is given the text of each statement of this time, before it is executed; of many rows, once."""
    known = direct._known

    def of_sqlalchemy(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        note(statement)

    def of_the_driver(*asked: Any) -> Any:
        made = known(*asked)
        note(made.text)
        return made

    sa.event.listen(sa.Engine, "before_cursor_execute", of_sqlalchemy)
    direct._known = of_the_driver  # type: ignore[assignment]
    try:
        yield
    finally:
        direct._known = known
        sa.event.remove(sa.Engine, "before_cursor_execute", of_sqlalchemy)


async def plan(conn: AsyncConnection, statement: Any, values: dict[str, Any]) -> str:
    """How PostgreSQL would go about this statement."""
    dialect: sa.Dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect)
    driver: Any = (await conn.get_raw_connection()).driver_connection
    lines = await driver.fetch(f"explain {compiled}", *(values[name] for name in compiled.positiontup))
    return "\n".join(line[0] for line in lines)
