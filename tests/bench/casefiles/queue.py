"""The agents' queue of 5,073 files: its counts and a page of it, on both stores, beside the fold of all events in SQL.

`make bench` runs it. The files are clones of one that was submitted, with the events of a year: paid, list sent, its
documents, complete, and some decided or gone back. The counterpart is the statement that finds the status of each
file by window functions over all events, as the queue did before an event said where it brought its file.

`--files 500` runs it smaller.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.states import FileEventKind, FileStatus
from casework.files.status import ENDED, MOVES, moves_of
from casework.files.store import file_event
from config.migrations import migrate
from console.casefiles.queue import queue
from foundation.clock import now_ms
from foundation.mail import sealing
from foundation.sql.database import LONG_SECONDS, Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.submissions import a_postgresql
from submission.store import submission
from tests.support.casework.many_files import many_files
from tests.support.rooms import KEYS

FILES = 5_073

ROUNDS = 15

MOST_MS = 50.0
"""A page of which a person does not notice that it was made."""

K = FileEventKind

YEAR = (K.PAID, K.CHECKLIST_SENT, *[K.ITEM_SETTLED] * 4, K.DOCUMENTS_COMPLETE)

COURSES = (
    (), (K.PAID,), YEAR[:2], YEAR[:4], YEAR, (*YEAR, K.DECIDED), (*YEAR, K.DECIDED), (K.PAID, K.PAYMENT_REVERSED),
    (K.UNPAID_DELETED,), (*YEAR, K.AMENDED, K.DOCUMENTS_REOPENED, K.ITEM_SETTLED, K.DOCUMENTS_COMPLETE),
)  # fmt: skip
"""What files went through, in turn."""

s, e = submission.c, file_event.c


def folded() -> sa.Subquery:
    """Every file and its status, found in the events of all of them."""
    leads = {
        kind.value: after.value
        for status, moves in MOVES.items()
        for kind, after in moves.items()
        if after is not status
    }
    after = sa.case(leads, value=e.kind)
    moved = (
        sa.select(e.submission, e.id, e.at, after.label("status"))
        .add_columns(sa.func.lag(after).over(partition_by=e.submission, order_by=e.id).label("before"))
        .where(e.kind.in_(leads))
        .subquery()
    )
    m = moved.c
    back = sa.func.row_number().over(partition_by=m.submission, order_by=m.id.desc()).label("back")
    newest = (
        sa.select(m.submission, m.status, m.at, back)
        .where(sa.or_(m.before.is_(None), m.before != m.status))
        .subquery()
    )
    n = newest.c
    status = sa.case(
        {standing.value: status.value for standing, status in ENDED.items()},
        value=s.status,
        else_=sa.func.coalesce(n.status, FileStatus.AWAITING_PAYMENT.value),
    )
    return (
        sa.select(s.id, sa.func.coalesce(n.at, s.submitted_at).label("since"), status.label("status"))
        .outerjoin(newest, sa.and_(n.submission == s.id, n.back == 1))
        .subquery()
    )


FOLDED: Final = folded().c


async def by_fold(conn: AsyncConnection) -> None:
    """The counts and a page, as the queue found them."""
    w = FOLDED
    counts = sa.select(w.status, sa.func.count(), sa.func.min(w.since)).group_by(w.status)
    (await conn.execute(counts)).all()
    page = sa.select(w.id, w.since).where(w.status == FileStatus.IN_EXAMINATION).order_by(w.since, w.id)
    (await conn.execute(page.limit(51))).all()


async def by_events(conn: AsyncConnection) -> None:
    """The queue."""
    await queue(conn, FileStatus.IN_EXAMINATION, 1, now_ms())


async def fill(db: Database, files: int) -> None:
    await many_files(db, files, [date(2016, 6, 13)])
    happened: list[dict[str, Any]] = []
    for number in range(1, files + 1):
        kinds = COURSES[number % len(COURSES)]
        happened += [
            {"submission": number, "kind": kind, "key": f"{number}:{n}", "at": 1_466_000_000_000 + 60_000 * n + number,
             "actor": "service", "detail": "{}", "moved_to": moved_to}
            for n, (kind, moved_to) in enumerate(zip(kinds, moves_of(kinds), strict=True))
        ]  # fmt: skip
    await db.write(lambda conn: conn.execute(sa.insert(file_event), happened), LONG_SECONDS)


async def took(db: Database, look: Callable[[AsyncConnection], Awaitable[None]]) -> float:
    """Milliseconds of one look, the median."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await db.read(look)
        times.append((time.perf_counter() - began) * 1_000)
    return statistics.median(times)


async def on_store(url: str, files: int) -> tuple[float, float]:
    """Milliseconds of the queue, and of the fold."""
    await migrate(url)
    db = Database(url)
    try:
        await fill(db, files)
        return await took(db, by_events), await took(db, by_fold)
    finally:
        await db.close()


def run(files: int = FILES) -> Found:
    """Both stores."""
    sealing.seal_with(KEYS)
    figures, notes = [], {"rounds": f"{ROUNDS} looks of each kind, medians"}
    with tempfile.TemporaryDirectory(prefix="guichet-queue-") as name, a_postgresql() as postgresql:
        for store, url in (("SQLite", f"sqlite:///{Path(name) / 'queue.db'}"), ("PostgreSQL", postgresql)):
            now, before = asyncio.run(on_store(url, files))
            what = f"agents' queue of {files:,} files, {store}"
            figures.append(Figure(what=what, value=now, unit="ms", most=MOST_MS))
            notes[f"the fold of all events, {store}"] = f"{before:.1f} ms"
    return Found(figures, notes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--files", type=int, default=FILES)
    options, others = parser.parse_known_args()
    sys.exit(measure({"agents_queue": partial(run, options.files)}, others))
