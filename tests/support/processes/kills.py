"""A worker that dies at one statement, for tests that kill it at each of them in turn."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from foundation.sql.database import Database


class Killed(BaseException):
    """The worker is gone at this very statement."""


@contextmanager
def killed_at(db: Database, statement: int) -> Iterator[list[str]]:
    """Die at the n-th statement, or at the commit after it; the list tells what ran."""
    engine, ran = db._writer.sync_engine, []

    def execute(_conn: object, _cursor: object, text: str, *_: object) -> None:
        ran.append(text)
        if len(ran) == statement:
            raise Killed

    def commit(_conn: object) -> None:
        ran.append("COMMIT")
        if len(ran) == statement:
            raise Killed

    event.listen(engine, "before_cursor_execute", execute)
    event.listen(engine, "commit", commit)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", execute)
        event.remove(engine, "commit", commit)
