"""Moving a power: its row, its line of history and its mails, in one transaction, by the one table (`states.py`).

The line of the audit is the caller's last word (`recorded`): the audit's lock is the last that a transaction takes.
"""

from datetime import date
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import notices
from accounts.representatives.powers import Representation
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, PowerPosition, PowerState, moved
from accounts.representatives.store import REPRESENTATIVE, representative, representative_event
from accounts.roles import Role
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.subjects import Subject

CANDIDATE: Final = Actor("candidate", Role.CANDIDATE)
"""How the record names whoever is signed in to the account: user names of candidates are not in it."""

SERVICE: Final = Actor(audit.SERVICE, audit.SERVICE)


class MailedPaper(msgspec.Struct, frozen=True, kw_only=True):
    """When a procuration came by mail, and the day of its postmark where that can be read."""

    received_on: date
    postmarked_on: date | None = None


class WrittenMove(msgspec.Struct, frozen=True, kw_only=True):
    """A move that was written, and its line of the audit to come."""

    representative: str
    move: PowerMove
    by: Actor
    before: PowerState | None
    after: PowerState
    reason: str | None = None


async def move(
    conn: AsyncConnection,
    services: RepresentativeServices,
    of: Representation,
    step: PowerMove,
    by: Actor,
    now: int,
    *,
    word: str | None = None,
    reason: str | None = None,
    paper: MailedPaper | None = None,
    values: dict[str, Any] | None = None,
) -> WrittenMove:
    """Move a power whose row is locked. `word` is one of a few, for the history; `reason` is staff's, for the
    audit.

    Refusal move_not_allowed (+`from`, `to`).
    """
    after = moved(of.position, step)
    if after is None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": of.state, "to": step})
    changed = {"state": after.state, "frozen_from": after.frozen_from} | (values or {})
    await conn.execute(sa.update(representative).where(representative.c.id == of.id).values(changed))
    return await told(conn, services, of, step, by, now, after, word=word, reason=reason, paper=paper)


async def told(
    conn: AsyncConnection,
    services: RepresentativeServices,
    of: Representation,
    step: PowerMove,
    by: Actor,
    now: int,
    after: PowerPosition,
    *,
    is_first: bool = False,
    word: str | None = None,
    reason: str | None = None,
    paper: MailedPaper | None = None,
) -> WrittenMove:
    """The line of history of a move, which nothing ever changes, and its mails."""
    before = None if is_first else of.state
    row = {
        "representative": of.id, "move": step, "before": before, "after": after.state, "at": now,
        "actor": by.name, "role": by.role, "reason": word, **_days(paper),
    }  # fmt: skip
    event = sa.insert(representative_event).values(row).returning(representative_event.c.id)
    number = (await conn.execute(event)).scalar_one()
    await notices.tell(conn, services, of, step, after, number, now)
    return WrittenMove(
        representative=of.id, move=step, by=by, before=before, after=after.state, reason=reason or word
    )


async def recorded(conn: AsyncConnection, now: int, *done: WrittenMove) -> None:
    """The lines of the audit: the last that the transaction writes."""
    for one in done:
        before = None if one.before is None else {"state": one.before}
        await audit.record(
            conn, one.by, f"representative_{one.move}", Subject(REPRESENTATIVE, one.representative), now,
            before=before, after={"state": one.after}, reason=one.reason,
        )  # fmt: skip


def _days(paper: MailedPaper | None) -> dict[str, str | None]:
    days = {name: None if paper is None else getattr(paper, name) for name in MailedPaper.__struct_fields__}
    return {name: None if day is None else day.isoformat() for name, day in days.items()}
