"""The record is verified from a page: how its chains were found, on the record itself (P16, ADR 0017).

A reading is bounded in time; where it did not reach the end, the next one goes on behind it. `guichet verify --audit`
reads all of it at once, and compares with heads that were kept elsewhere, which no page can.
"""

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from console.record.entries import RecordedAct, RecordFilter, newest
from evidence.verify_audit import MOST_BREAKS, read_within
from foundation import audit
from foundation.audit import Actor, Stream
from foundation.audit_chain import ChainPosition
from foundation.clock import now_ms
from foundation.sql.database import Database

AUDIT_VERIFY = "audit_verify"
"""The act of verifying; `detail` has what was found."""

VERIFY_SECONDS = 4.0
"""Of reading: a page is answered within ten."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found: `whole` where no line is wrong, `complete` where it was read to the end.

    `lines` were read, those of the readings that it went on behind too; `breaks` say what is wrong, the first ten;
    `through` is up to which line each stream was read.
    """

    whole: bool
    complete: bool
    lines: int
    breaks: list[str] = []
    through: dict[str, str] = {}

    def begun(self) -> dict[Stream, ChainPosition]:
        """Where the next reading goes on: nowhere after one that was complete, or found something."""
        if self.complete or not self.whole:
            return {}
        found = {}
        for stream in Stream:
            sequence, _, digest = self.through.get(stream, "").partition(":")
            if sequence.isdecimal() and digest:
                found[stream] = ChainPosition(int(sequence), digest)
        return found


class LastVerification(msgspec.Struct, frozen=True, kw_only=True):
    """The newest one: by whom, when (instant), and what it found."""

    by: str
    at: int
    found: Verification


async def last(conn: AsyncConnection) -> LastVerification | None:
    """The newest verification on the record; None before the first."""
    lines = await newest(conn, RecordFilter(act=AUDIT_VERIFY), 1)
    return _of(lines[0]) if lines else None


async def verify(db: Database, actor: Actor, seconds: float = VERIFY_SECONDS) -> Verification:
    """Read the record for so many seconds at most, and put what was found on it. Raises Unavailable."""
    before = await db.read_long(last)
    begun = {} if before is None else before.found.begun()
    chains = await db.read_long(lambda conn: read_within(conn, seconds, begun))
    breaks = [f"{chain.stream}: {one}" for chain in chains for one in chain.breaks]
    went_on = before.found.lines if before is not None and begun else 0
    found = Verification(
        whole=not breaks,
        complete=all(chain.complete for chain in chains),
        lines=went_on + sum(chain.lines for chain in chains),
        breaks=breaks[:MOST_BREAKS],
        through={chain.stream: str(chain.through) for chain in chains},
    )
    detail = msgspec.structs.asdict(found)
    await db.write(lambda conn: audit.record(conn, actor, AUDIT_VERIFY, None, now_ms(), **detail))
    return found


async def size(conn: AsyncConnection) -> int:
    """How many lines there are, by the heads: forgotten ones are not among them."""
    c = audit.audit_chain.c
    kept = sa.select(sa.func.coalesce(sa.func.sum(c.sequence - c.anchor_sequence), 0))
    return int((await conn.execute(kept)).scalar_one())


def _of(line: RecordedAct) -> LastVerification:
    return LastVerification(by=line.actor, at=line.at, found=msgspec.convert(line.detail, Verification))
