"""`guichet verify --audit`: reads the audit from end to end and says where its chains break (P16, ADR 0017).

It prints the head of each stream. Kept elsewhere, and given again later (`--head`), it also shows what the chain alone
cannot: that everything from some line on was written anew.
"""

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.audit import Stream
from foundation.audit_chain import AuditEntry, ChainBreak, ChainPosition, ChainReader, Damage
from foundation.sql.database import Database
from foundation.sql.tables import plain_row

LINES_AT_ONCE = 5_000

LINES_BETWEEN_OTHERS = 100
"""Where other requests wait for the same loop, which reads and hashes here: some milliseconds."""

MOST_BREAKS = 10
"""Shown of one stream."""

a, c = audit.audit.c, audit.audit_chain.c

_FIELDS = [a[name] for name in AuditEntry.__struct_fields__]


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """One stream as it was found. `lines` are there, those up to `anchor` are forgotten, `head` is the newest."""

    stream: Stream
    lines: int
    anchor: ChainPosition
    head: ChainPosition
    breaks: list[ChainBreak]
    through: ChainPosition
    """The last line that was read."""
    complete: bool = True
    """Whether it was read to its head: a reading that is bounded in time may not be."""


async def verify(database_url: str, kept: Sequence[ChainPosition] = (), out: TextIO | None = None) -> int:
    """Print whether the audit is whole, and its heads; 0 when it is, 1 with what is wrong. Raises Unavailable.

    `kept` are heads of the acts that were printed earlier: their lines must still be those.
    """
    database = Database(database_url)
    try:
        chains = await database.read(lambda conn: read_chains(conn, kept))
    finally:
        await database.close()
    print("\n".join(report(chains)), file=out)
    return 1 if is_broken(chains) else 0


def is_broken(chains: Sequence[ChainReport]) -> bool:
    """Whether any stream has a break."""
    return any(chain.breaks for chain in chains)


def report(chains: Sequence[ChainReport]) -> list[str]:
    """A line for the promise, one for each stream with its head, and one for each break."""
    verdict = "BROKEN" if is_broken(chains) else "holds"
    lines = [f"P16 {verdict}: nothing in the audit was changed, taken out or put in"]
    for chain in chains:
        forgotten = f" ({chain.anchor.sequence} forgotten)" if chain.anchor.sequence else ""
        lines.append(f"   {chain.stream}: {chain.lines} lines{forgotten}, head {chain.head}")
        lines += [f"      {one}" for one in chain.breaks[:MOST_BREAKS]]
        if len(chain.breaks) > MOST_BREAKS:
            lines.append(f"      and {len(chain.breaks) - MOST_BREAKS} more")
    return lines


async def read_chains(conn: AsyncConnection, kept: Sequence[ChainPosition] = ()) -> list[ChainReport]:
    """Both streams, from one look at the store."""
    await _at_one_moment(conn)
    return [
        await _read_chain(conn, Stream.ACTS, kept, ReadingPace()),
        await _read_chain(conn, Stream.LOOKS, (), ReadingPace()),
    ]


async def read_within(
    conn: AsyncConnection, seconds: float, begun: Mapping[Stream, ChainPosition]
) -> list[ChainReport]:
    """Both streams, for so many seconds at most, on behind the lines up to which an earlier reading came (`begun`).

    What is not `complete` may be gone on with from its `through`. Whether `begun` is to be believed is the caller's
    affair: its line must still be what it was.
    """
    until, reports = time.monotonic() + seconds, []
    await _at_one_moment(conn)
    for stream in Stream:
        kept = [begun[stream]] if stream == Stream.ACTS and stream in begun else []
        pace = ReadingPace(
            until=until, begun=begun.get(stream, ChainPosition()), at_once=LINES_BETWEEN_OTHERS
        )
        reports.append(await _read_chain(conn, stream, kept, pace))
    return reports


class ReadingPace(msgspec.Struct, frozen=True, kw_only=True):
    """How a stream is read: until when (`time.monotonic`), behind which line, and how many lines together."""

    until: float = math.inf
    begun: ChainPosition = ChainPosition()
    at_once: int = LINES_AT_ONCE


async def _at_one_moment(conn: AsyncConnection) -> None:
    if conn.dialect.name == "postgresql":
        # Heads and lines must be of the same moment; on SQLite a transaction sees one.
        await conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def _read_chain(
    conn: AsyncConnection, stream: Stream, kept: Sequence[ChainPosition], pace: ReadingPace
) -> ChainReport:
    row = (await conn.execute(sa.select(audit.audit_chain).where(c.stream == stream))).one_or_none()
    anchor, head = ChainPosition(), ChainPosition()
    if row is not None:
        anchor = ChainPosition(row.anchor_sequence, row.anchor_hash)
        head = ChainPosition(row.sequence, row.hash)
    goes_on = pace.begun.sequence > anchor.sequence  # otherwise what was begun with is forgotten meanwhile
    reader, lines, complete = ChainReader(pace.begun if goes_on else anchor), 0, True
    while True:
        is_first = not lines and not goes_on
        entries = await _after(conn, stream, None if is_first else reader.last.sequence, pace.at_once)
        if not entries:
            break
        reader.read(entries)
        lines += len(entries)
        await asyncio.sleep(
            0
        )  # where SQLite answers within the loop nobody else would have a turn without this
        if time.monotonic() >= pace.until:
            complete = reader.last.sequence >= head.sequence
            break
    through = reader.last
    found = reader.close(head) if complete else reader.breaks
    breaks = [*await _moved(conn, stream, anchor), *found, *await _rewritten(conn, kept)]
    if stream == Stream.ACTS:
        breaks += await _strays(conn)
    return ChainReport(
        stream=stream, lines=lines, anchor=anchor, head=head, breaks=breaks, through=through, complete=complete
    )  # fmt: skip


async def _after(
    conn: AsyncConnection, stream: Stream, sequence: int | None, at_once: int
) -> list[AuditEntry]:
    """The next lines of a stream after this one; from its beginning, whatever it is, for None."""
    rest = sa.select(*_FIELDS).where(a.stream == stream)
    if sequence is not None:
        rest = rest.where(a.sequence > sequence)
    rows = await conn.execute(rest.order_by(a.sequence).limit(at_once))
    return [AuditEntry(**plain_row(row)) for row in rows]


async def _moved(conn: AsyncConnection, stream: Stream, anchor: ChainPosition) -> list[ChainBreak]:
    """Where a stream says that lines are forgotten, and no act says so: they were taken out."""
    said = ChainPosition()
    if stream == Stream.LOOKS:
        acts = sa.select(a.after).where(a.stream == Stream.ACTS, a.act == audit.FORGET_LOOKS)
        last = (await conn.execute(acts.order_by(a.sequence.desc()).limit(1))).scalar_one_or_none()
        said = said if last is None else msgspec.json.decode(last, type=ChainPosition)
    if anchor == said:
        return []
    first, last_gone = sorted((said.sequence, anchor.sequence))
    return [ChainBreak(Damage.MISSING, min(first + 1, last_gone), last_gone)]


async def _strays(conn: AsyncConnection) -> list[ChainBreak]:
    """Lines of no stream: they would be shown with the acts, and no chain would miss them."""
    strays = sa.select(a.sequence).where(a.stream.not_in(tuple(Stream))).order_by(a.id).limit(MOST_BREAKS)
    found = (await conn.execute(strays)).scalars()
    return [ChainBreak(Damage.OUT_OF_ORDER, sequence, sequence) for sequence in found]


async def _rewritten(conn: AsyncConnection, kept: Sequence[ChainPosition]) -> list[ChainBreak]:
    """Acts that are not what they were when their heads were kept."""
    breaks = []
    for position in kept:
        line = sa.select(a.hash).where(a.stream == Stream.ACTS, a.sequence == position.sequence)
        found = (await conn.execute(line)).scalar_one_or_none()
        if found != position.hash:
            damage = Damage.MISSING if found is None else Damage.ALTERED
            breaks.append(ChainBreak(damage, position.sequence, position.sequence))
    return breaks
