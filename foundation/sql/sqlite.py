"""SQLite's thread, for what waits: for the lock, for the disk, for a long list. Everything else is done at once.

A statement inside a transaction takes some ten microseconds, because its pages are in memory; the way to a thread and
back takes several times as long, and on a machine with more processes than cores as long as both are made to wait for
a core, with the writer's turn in the hand (ADR 0014). So only what takes the lock or commits goes to the thread, and
long lists of statements. A statement's rows are fetched with it; what SQLAlchemy asks afterwards is answered from
memory. Results are small here: the longest are a few thousand rows. What searches through a table that grows for good
says so (`Database.read_long`), and is executed in the thread.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite

MOST_AT_ONCE = 64
"""Rows of one list of statements that are written without the thread: as many as are saved together, well under a
millisecond. A thread gives the interpreter up and asks for it again with each of them."""

Outcome = tuple[Any, int, Any, list[Any]]
"""Description, row count, id of the last row, rows."""


class InlineCursor:
    """The cursor of one statement, as SQLAlchemy uses it (PEP 249, awaited)."""

    arraysize = 1

    def __init__(self, connection: "InlineConnection") -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: Any = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> "InlineCursor":
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> "InlineCursor":
        return self._keep(await self._connection.run("execute", operation, parameters))

    async def executemany(self, operation: str, parameters: Sequence[Sequence[Any]]) -> "InlineCursor":
        return self._keep(await self._connection.run("executemany", operation, parameters))

    def _keep(self, outcome: Outcome) -> "InlineCursor":
        self.description, self.rowcount, self.lastrowid, self._rows = outcome
        return self

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []


class InlineConnection(aiosqlite.Connection):
    """aiosqlite's connection, whose cursors are errands."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._sent = self._done = 0  # the loop counts the one, the thread the other
        self.is_long = False
        """Whether what is asked reads so much that the loop must not wait for it: then all goes to the thread."""

    def cursor(self) -> InlineCursor:  # type: ignore[override]  # what SQLAlchemy asks of a cursor, and no more
        return InlineCursor(self)

    async def run(self, method: str, operation: str, parameters: Any) -> Outcome:
        """Execute a statement and bring all of its outcome: at once in a transaction, otherwise in the thread."""
        begun = (
            self._conn.in_transaction or operation == "BEGIN"
        )  # which takes no lock, unlike BEGIN IMMEDIATE
        is_short = method == "execute" or len(parameters) <= MOST_AT_ONCE
        if is_short and begun and not self.is_long and self._is_quiet():
            return self._run(method, operation, parameters)
        outcome: Outcome = await self._execute(self._run, method, operation, parameters)
        return outcome

    async def rollback(self) -> None:
        """Forget what was written, which waits for nothing."""
        if self._is_quiet():
            self._conn.rollback()
        else:
            await super().rollback()

    def _is_quiet(self) -> bool:
        """Nothing is under way in the thread, not even calls that were cancelled."""
        return self._sent == self._done

    async def _execute(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """In the thread, after all that was sent there, also calls that were cancelled."""

        def counted() -> Any:
            try:
                return fn(*args, **options)
            finally:
                self._done += 1

        self._sent += 1
        return await super()._execute(counted)  # type: ignore[no-untyped-call]

    def _run(self, method: str, operation: str, parameters: Any) -> Outcome:
        cursor = self._conn.cursor()
        try:
            getattr(cursor, method)(operation, parameters)
            rows = cursor.fetchall() if cursor.description else []
            return cursor.description, cursor.rowcount, cursor.lastrowid, rows
        finally:
            cursor.close()


def connect(*args: Any, **options: Any) -> InlineConnection:
    """For `create_async_engine(..., connect_args={"async_creator_fn": connect})`. It connects when awaited."""
    options["check_same_thread"] = False  # the loop's and its own, one after the other
    connection = InlineConnection(lambda: sqlite3.connect(*args, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does with its own
    return connection
