"""What a member of staff is told of changes that somebody else made to their own access, from the record itself."""

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.acts import AccountAct
from accounts.sessions import Session
from accounts.store import OPERATOR
from console.record.entries import RecordFilter, newest
from console.record.words import EntryWords, entry_words
from foundation.clock import now_ms

TOLD_MS = 14 * 86_400_000
"""So long it is said on every arrival: also to who comes back from a week away."""

MOST_TOLD = 50

CHANGES = frozenset(
    {AccountAct.OPERATOR_TOTP, AccountAct.OPERATOR_PASSWORD, AccountAct.ROLE_GRANT, AccountAct.ROLE_END}
)
"""Acts about somebody's access."""


async def others_changes(conn: AsyncConnection, session: Session) -> list[EntryWords]:
    """What others changed lately of the access of whoever is signed in, the newest first."""
    now = now_ms()
    about = RecordFilter(subject_kind=OPERATOR, subject_id=str(session.owner), since=now - TOLD_MS)
    lines = await newest(conn, about, MOST_TOLD)
    return [
        entry_words(line, now) for line in lines if line.act in CHANGES and line.actor != session.username
    ]
