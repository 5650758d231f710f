"""The audit: who did what to what, in what role, when and why; append-only and hash-chained (P16, ADR 0017).

Two streams, each with a chain of its own: acts, which are kept for good, and looks, which are forgotten after a month
from the oldest end. Appending to a stream is serialised by the row of its chain. On PostgreSQL that row's lock is the
last one that a transaction takes: what is recorded together with a move is recorded at its end, under the period's
lock, never the other way round. On SQLite there is one writer.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit_chain import GENESIS, AuditEntry, ChainPosition, digest
from foundation.sql.tables import Id, metadata
from foundation.subjects import Subject

SERVICE = "service"
"""The actor who opens and closes by the schedule; its role is called the same."""

COMMAND_LINE = "command-line"
"""The actor of a command without `--as`, and the role of every command's actor: there was no sign-in."""

UNKNOWN = "unknown"
"""The actor where the name that was given is not a user's."""

LOOK = "look"
"""The act of a line that says only who looked at what."""

REFUSED = "refused"
"""The act of a line that says what was refused, with the code."""

FORGET_LOOKS = "forget_looks"
"""The act by which old looks are taken off: `after` is the last one of them, which anchors the looks that stay."""

LONGEST_ACTOR = 80

LOOKS_KEPT_MS = 30 * 86_400_000
"""A tool that polls the figures writes a line a second; what moved something is kept for good."""

DAY_MS = 86_400_000

LOOKS_AT_ONCE = 1_000
"""Lines forgotten in one transaction, so that nobody waits long behind it."""


class Stream(StrEnum):
    """The chains of the audit."""

    ACTS = "acts"
    """What was done or refused; kept for good."""
    LOOKS = "looks"
    """Who looked at what; kept for a month."""


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a user name or a reserved name, and in what role (None where it is not known)."""

    name: str
    role: str | None = None


By = Actor | str
"""An actor, or a mere name: a reserved one is its own role, any other has no known role."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True, comment="in the order of both streams"),
    sa.Column("stream", sa.Text, nullable=False, comment="acts or looks"),
    sa.Column("sequence", sa.BigInteger, nullable=False, comment="place in the stream, 1..n"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name, or service, command-line, unknown"),
    sa.Column("role", sa.Text, comment="in which it was done; empty in lines of before 0006"),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject_kind", sa.Text),
    sa.Column("subject_id", sa.Text),
    sa.Column("before", sa.Text, comment="JSON of what the act changed, as it was"),
    sa.Column("after", sa.Text, comment="JSON of what the act changed, as it is since"),
    sa.Column("reason", sa.Text),
    sa.Column("detail", sa.Text, nullable=False, default="{}", comment="JSON"),
    sa.Column("previous", sa.Text, nullable=False, comment="hash of the line before in the stream"),
    sa.Column("hash", sa.Text, nullable=False, comment="SHA-256: foundation/audit_chain.py"),
    sa.UniqueConstraint("stream", "sequence"),
    sa.Index("ix_audit_subject", "subject_kind", "subject_id"),
)

audit_chain = sa.Table(
    "audit_chain",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True, comment="acts or looks"),
    sa.Column("sequence", sa.BigInteger, nullable=False, comment="of the newest line; 0 for none"),
    sa.Column("hash", sa.Text, nullable=False, comment="of the newest line"),
    sa.Column(
        "anchor_sequence", sa.BigInteger, nullable=False, default=0, comment="of the newest line forgotten"
    ),
    sa.Column(
        "anchor_hash", sa.Text, nullable=False, default=GENESIS, comment="of the newest line forgotten"
    ),
)
"""The head of each stream, whose row is the lock of appending, and where what is kept of it begins."""

a, c = audit, audit_chain


async def record(
    conn: AsyncConnection,
    actor: By,
    act: str,
    subject: Subject | None,
    now: int,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str | None = None,
    **detail: Any,
) -> None:
    """Append one line, last of all that its transaction writes (see above).

    `before` and `after` are what the act changed, `detail` is what else there is to say of it. `now` is an instant.
    """
    entry = _entry(actor, act, subject, now, before, after, reason, detail)
    await _append(conn, Stream.LOOKS if act == LOOK else Stream.ACTS, [entry])


class SameAct(NamedTuple):
    """One of several times that an actor did the same: to what, and what the act changed, as it is since."""

    subject: Subject
    after: dict[str, Any]


async def record_each(conn: AsyncConnection, actor: By, act: str, done: Sequence[SameAct], now: int) -> None:
    """Append a line for each of them, in this order; otherwise as `record`."""
    entries = [_entry(actor, act, one.subject, now, None, one.after, None, {}) for one in done]
    await _append(conn, Stream.ACTS, entries)


def _entry(
    actor: By,
    act: str,
    subject: Subject | None,
    now: int,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    reason: str | None,
    detail: dict[str, Any],
) -> AuditEntry:
    """A line that has no place in its chain yet."""
    who = acting(actor)
    return AuditEntry(
        sequence=0,
        at=now,
        actor=who.name[:LONGEST_ACTOR],
        role=who.role,
        act=act,
        subject_kind=None if subject is None else subject.kind,
        subject_id=None if subject is None else subject.id,
        before=None if before is None else _json(before),
        after=None if after is None else _json(after),
        reason=reason,
        detail=_json(detail),
        previous="",
        hash="",
    )


async def _append(conn: AsyncConnection, stream: Stream, entries: Sequence[AuditEntry]) -> None:
    """Chain these lines to the head of a stream, whose lock is taken here."""
    head, rows = await _locked(conn, stream), []
    for entry in entries:
        chained = msgspec.structs.replace(entry, sequence=head.sequence + 1, previous=head.hash)
        chained = msgspec.structs.replace(chained, hash=digest(chained))
        rows.append({"stream": stream, **msgspec.structs.asdict(chained)})
        head = ChainPosition(chained.sequence, chained.hash)
    await conn.execute(_LINES, rows)
    await conn.execute(_HEAD_MOVED, {"of_stream": stream, **msgspec.structs.asdict(head)})


_LINES = sa.insert(a)

_HEAD_MOVED = sa.update(c).where(c.c.stream == sa.bindparam("of_stream"))

_HEAD = sa.select(c.c.sequence, c.c.hash).where(c.c.stream == sa.bindparam("of_stream")).with_for_update()
"""Made once, as all statements of what happens often: to build one takes as long as to execute it."""


async def lock(conn: AsyncConnection) -> None:
    """Take the lock of the acts before their line is written, for what must not be decided by two at once. Nothing else
    is locked after it."""
    await _locked(conn, Stream.ACTS)


def acting(actor: By) -> Actor:
    """Who acts, with the role that a reserved name has."""
    if isinstance(actor, Actor):
        return actor
    return Actor(actor, actor if actor in {SERVICE, COMMAND_LINE} else None)


async def _locked(conn: AsyncConnection, stream: Stream) -> ChainPosition:
    """The head of a stream, locked: no other transaction appends to it before this one ends."""
    row = (await conn.execute(_HEAD, {"of_stream": stream})).one()
    return ChainPosition(row.sequence, row.hash)


def _json(values: dict[str, Any]) -> str:
    return msgspec.json.encode(values).decode()


async def forget_looks(conn: AsyncConnection, now: int) -> int:
    """Take looks of over 30 days ago off the record, a thousand at most, and say how many those were.

    From the oldest line on and without a gap, so that what stays is a chain from an anchor on; by whole days (UTC), so
    that this is an act once a day and not at every sweep. The anchor is in that act too: moved alone, it is found out.
    """
    await _locked(conn, Stream.LOOKS)  # a second ticker forgets what is left, not the same
    cutoff = (now - LOOKS_KEPT_MS) // DAY_MS * DAY_MS
    looks = sa.select(a.c.sequence, a.c.at, a.c.hash).where(a.c.stream == Stream.LOOKS).order_by(a.c.sequence)
    last: ChainPosition | None = None
    count = 0
    for row in await conn.execute(looks.limit(LOOKS_AT_ONCE)):
        if row.at >= cutoff:
            break
        last, count = ChainPosition(row.sequence, row.hash), count + 1
    if last is None:
        return 0
    past = (a.c.stream == Stream.LOOKS, a.c.sequence <= last.sequence)
    await conn.execute(sa.delete(a).where(*past))
    anchor = {"anchor_sequence": last.sequence, "anchor_hash": last.hash}
    await conn.execute(sa.update(c).where(c.c.stream == Stream.LOOKS).values(anchor))
    await record(conn, SERVICE, FORGET_LOOKS, None, now, after=msgspec.structs.asdict(last), count=count)
    return count
