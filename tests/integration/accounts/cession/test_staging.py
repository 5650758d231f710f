"""Looks are staged with the events that could be a handover."""

from accounts.cession.staging import LATER_MS, SOON_MS, WATCHED, CessionTask
from accounts.events.events import note
from accounts.events.states import AccountEventKind as Kind
from foundation import outbox
from foundation.sql.database import Database
from tests.support.tasks import rows

t = outbox.task.c


async def test_a_burst_is_looked_at_within_the_hour_and_a_day_later(database: Database) -> None:
    """Two secrets in one hour are two tasks, not four; signing in stages nothing."""
    for kind in (Kind.PASSWORD_RENEWED, Kind.ANSWERS_RENEWED, Kind.SIGN_IN):
        await database.write(lambda conn, kind=kind: note(conn, 7, kind, 10))  # type: ignore[misc]
    staged = await rows(database, t.due_at, t.kind, t.subject_id)
    assert staged == [(due, CessionTask.SCAN, "7") for due in (SOON_MS, SOON_MS + LATER_MS)]
    assert Kind.SIGN_IN not in WATCHED
