"""Whose documents are overdue is seen in the queue; nothing else follows from it (DC-02)."""

import random
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from accounts.store import account
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import ANYWHERE, MOVES, moved, moves_of, status_of
from casework.files.store import file_event
from console.casefiles.queue import FileQueue, queue
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.states import SubmissionStatus
from submission.store import submission
from tests.support.casework.file_events import happened
from tests.support.casework.lists import listed, status_of_file
from tests.support.tasks import rows, submitted

DAY_MS = 86_400_000


async def seen(db: Database) -> FileQueue:
    return await db.read(lambda conn: queue(conn, FileStatus.AWAITING_DOCUMENTS, 1, now_ms()))


@pytest.mark.parametrize(("days_ago", "is_overdue"), [(0, False), (200, True)])
async def test_an_overdue_list_is_flagged_and_the_file_stands(
    on_sqlite: Database, days_ago: int, is_overdue: bool
) -> None:
    await listed(on_sqlite, now_ms() - days_ago * DAY_MS)
    (one,) = (await seen(on_sqlite)).files
    assert one.is_overdue is is_overdue and one.due_on is not None
    assert await status_of_file(on_sqlite) is FileStatus.AWAITING_DOCUMENTS


def standing_since(
    standing: SubmissionStatus, submitted_at: int, happened: Sequence[tuple[FileEventKind, int]]
) -> tuple[FileStatus, int]:
    """Where a file stands, and since when, folded event by event: what the database must find too."""
    status, since = FileStatus.AWAITING_PAYMENT, submitted_at
    for kind, at in happened:
        after = moved(status, kind)
        if after is not None and after is not status:
            status, since = after, at
    return status_of(standing, [kind for kind, _ in happened]), since


def walk(picked: random.Random) -> list[FileEventKind]:
    """Events that may happen to a file one after another."""
    status, found = FileStatus.AWAITING_PAYMENT, list[FileEventKind]()
    for _ in range(picked.randrange(9)):
        possible = [*MOVES.get(status, {}), *ANYWHERE] if status in MOVES else []
        if not possible:
            break
        found.append(picked.choice(possible))
        status = moved(status, found[-1]) or status
    return found


async def test_the_database_finds_what_the_fold_finds(database: Database) -> None:
    """Two hundred files that went any way, some of them ended as submissions: each status, since when, in its order."""
    picked = random.Random(12)
    await submitted(database)
    row = (await database.read(lambda conn: conn.execute(sa.select(submission)))).one()._asdict()
    ended = [SubmissionStatus.SUBMITTED] * 3 + list(SubmissionStatus)
    owner = (await database.read(lambda conn: conn.execute(sa.select(account)))).one()._asdict()
    owners: list[dict[str, object]] = []
    rows: list[dict[str, object]] = []
    happened: list[dict[str, object]] = []
    wanted: dict[FileStatus, list[tuple[int, int]]] = {status: [] for status in FileStatus}
    for id in range(2, 202):
        standing, kinds = picked.choice(ended), walk(picked)
        times = sorted(picked.randrange(1_000) for _ in kinds)
        owners.append(owner | {"id": id, "username": f"u{id}"})
        whose = {"rank": id, "number": id, "account": id, "person": f"p{id}"}
        rows.append(row | whose | {"id": id, "receipt": f"R{id}", "status": standing})
        happened += [
            {"submission": id, "kind": kind, "key": f"{id}:{n}", "at": at, "actor": "service", "detail": "{}",
             "moved_to": moved_to}
            for n, (kind, at, moved_to) in enumerate(zip(kinds, times, moves_of(kinds), strict=True))
        ]  # fmt: skip
        status, since = standing_since(standing, row["submitted_at"], list(zip(kinds, times, strict=True)))
        wanted[status].append((since, id))
    await database.write(lambda conn: conn.execute(sa.insert(account), owners))
    await database.write(lambda conn: conn.execute(sa.insert(submission), rows))
    await database.write(lambda conn: conn.execute(sa.insert(file_event), happened))
    wanted[FileStatus.AWAITING_PAYMENT].append((row["submitted_at"], 1))
    for status in FileStatus:
        found = await database.read(lambda conn, status=status: queue(conn, status, 1, now_ms()))  # type: ignore[misc]
        assert [(one.since, one.submission) for one in found.files] == sorted(wanted[status])[:50]
        assert found.has_more is (len(wanted[status]) > 50)
    assert {one.status: one.files for one in found.counts} == {one: len(them) for one, them in wanted.items()}
    assert all(one.oldest == min(wanted[one.status], default=(None, 0))[0] for one in found.counts)


async def test_an_event_says_where_it_brought_its_file(database: Database) -> None:
    """As it is recorded; one that moves nothing says nothing, and the queue knows since when the file stands so."""
    await listed(database, 1_000)
    await happened(database, 1, FileEventKind.ITEM_SETTLED, now=2_000)
    e = file_event.c
    assert await rows(database, e.id, e.kind, e.moved_to) == [
        (1, "paid", "paid"), (2, "checklist_sent", "awaiting_documents"), (3, "item_settled", None),
    ]  # fmt: skip
    (one,) = (await seen(database)).files
    assert one.since == 1_000
