"""SQLite's thread, with one errand a statement: aiosqlite alone needs four, and each costs more than most statements.

A statement is executed, its rows are fetched and its cursor is closed in one go there; what SQLAlchemy asks afterwards
is answered from memory. Results are small here: the longest are a few thousand rows.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import aiosqlite

Outcome = tuple[Any, int, Any, list[Any]]
"""Description, row count, id of the last row, rows."""


class Errand:
    """The cursor of one statement, as SQLAlchemy uses it (PEP 249, awaited)."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: Any = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> "Errand":
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> "Errand":
        return self._keep(await self._connection.run("execute", operation, parameters))

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> "Errand":
        return self._keep(await self._connection.run("executemany", operation, parameters))

    def _keep(self, outcome: Outcome) -> "Errand":
        self.description, self.rowcount, self.lastrowid, self._rows = outcome
        return self

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []


class Connection(aiosqlite.Connection):
    """aiosqlite's connection, whose cursors are errands."""

    def cursor(self) -> Errand:  # type: ignore[override]  # what SQLAlchemy asks of a cursor, and no more
        return Errand(self)

    async def run(self, method: str, operation: str, parameters: Any) -> Outcome:
        """Execute a statement in the connection's thread, and bring all of its outcome."""
        outcome: Outcome = await self._execute(self._run, method, operation, parameters)  # type: ignore[no-untyped-call]
        return outcome

    def _run(self, method: str, operation: str, parameters: Any) -> Outcome:
        cursor = self._conn.cursor()
        try:
            getattr(cursor, method)(operation, parameters)
            rows = cursor.fetchall() if cursor.description else []
            return cursor.description, cursor.rowcount, cursor.lastrowid, rows
        finally:
            cursor.close()


def connect(*args: Any, **options: Any) -> Connection:
    """For `create_async_engine(..., connect_args={"async_creator_fn": connect})`. It connects when awaited."""
    connection = Connection(lambda: sqlite3.connect(*args, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does with its own
    return connection
