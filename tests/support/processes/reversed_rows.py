"""SQLite gives rows that nobody asked an order for the other way round, in every engine of the tests' own process.

Without ORDER BY a small table comes in the order of its ids, on both stores, until one day it does not: PostgreSQL
moves a row that is updated and fills the space of one that is gone. Whoever leans on that is found out here at once.
The service's own processes, and PostgreSQL, keep their natural order.
"""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

REVERSED = "PRAGMA reverse_unordered_selects=ON"


def share() -> None:
    """Every connection to SQLite that an engine of this process opens from now on is turned round."""
    event.listen(Engine, "connect", _turn)


def _turn(connection: Any, _record: object) -> None:
    if "sqlite" in type(connection).__module__:
        cursor = connection.cursor()
        cursor.execute(REVERSED)
        cursor.close()
