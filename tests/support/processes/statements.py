"""Every statement that a process sends to its stores: SQLAlchemy's, and those that go to the driver as they are."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

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
