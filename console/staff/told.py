"""What a member of staff is told of changes that somebody else made to their own access, from the record itself."""

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.acts import AccountAct
from accounts.store import OPERATOR
from console.record.entries import RecordFilter, newest
from console.record.words import EntryWords, entry_words
from console.staff.desk import StaffMemberHere
from foundation.clock import now_ms

TOLD_MS = 14 * 86_400_000
"""So long it is said on every arrival: also to who comes back from a week away."""

MOST_TOLD = 50

CHANGES = frozenset(
    {AccountAct.OPERATOR_TOTP, AccountAct.OPERATOR_PASSWORD, AccountAct.ROLE_GRANT, AccountAct.ROLE_END}
)
"""Acts about somebody's access."""


async def others_changes(conn: AsyncConnection, member: StaffMemberHere, since: int) -> list[EntryWords]:
    """What others changed since this instant, the newest first."""
    about = RecordFilter(subject_kind=OPERATOR, subject_id=str(member.session.owner), since=since)
    lines = await newest(conn, about, MOST_TOLD)
    now = now_ms()
    return [
        entry_words(line, now)
        for line in lines
        if line.act in CHANGES and line.actor != member.session.username
    ]
