"""Moving open deadlines when a day was proclaimed: what would move, and the tasks that move it, each once.

A task takes so many files, and stages the next one with the number of the last: a worker that is killed loses nothing,
and nothing waits long behind it. A file that was being submitted while the day was confirmed may have been counted
without it: so all files are looked at a second time, when every such transaction is over.
"""

from collections.abc import Collection
from datetime import date
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.blocks import Block, Paragraph, plain
from casework.deadlines.dated_files import dated_files, lock, standing_after
from casework.deadlines.explained import long_day, steps
from casework.deadlines.open_deadlines import DatedFile, DeadlineSource, OpenDeadline, moves_by
from casework.deadlines.services import DeadlineServices
from casework.deadlines.states import KINDS, DeadlineTask
from casework.files import events
from casework.files.states import FileEventKind
from casework.mailbox.delivery import deliver
from foundation import outbox
from foundation.audit import SERVICE
from foundation.calendar.closures import Closures, ProclaimedDay
from foundation.calendar.proclaimed import closures, proclaimed_day
from foundation.outbox import Effect
from foundation.subjects import Subject
from submission.store import SUBMISSION

AT_ONCE: Final = 200
"""Files that one task looks at: below a second, most of which is the few that move."""

AGAIN_MS: Final = 600_000
"""The second look comes so much later: no transaction lasts a tenth of it."""

MOVING: Final = "deadlines_of_day"
"""Kind of subject: how far the look at all files has come, as `2026-09-21:1:400` (day, which look, last file)."""

TITLE: Final = "Vous avez plus de temps : un jour a été proclamé férié"


class Progress(NamedTuple):
    """How far the looks at all files have come: `look` is 1 or 2, `done` the last file that was looked at."""

    day: date
    look: int = 1
    done: int = 0

    @property
    def subject(self) -> Subject:
        return Subject(MOVING, f"{self.day}:{self.look}:{self.done}")

    @classmethod
    def of(cls, subject: Subject) -> "Progress":
        day, look, done = subject.id.split(":")
        return cls(date.fromisoformat(day), int(look), int(done))


class MovingDeadline(msgspec.Struct, frozen=True):
    """An open deadline that moves, of which file."""

    submission: int
    one: OpenDeadline


async def preview(
    conn: AsyncConnection, services: DeadlineServices, proclaimed: ProclaimedDay
) -> list[MovingDeadline]:
    """Every open deadline that moves if this day is a holiday, by file. Writes nothing."""
    closed = (await closures(conn)).having(proclaimed)
    found: list[MovingDeadline] = []
    done = 0
    while numbers := await standing_after(conn, done, AT_ONCE):
        for number, moves in (await _moves(conn, services, numbers, closed, proclaimed.day)).items():
            found += [MovingDeadline(number, one) for _, _, one in moves]
        done = numbers[-1]
    return found


async def stage(conn: AsyncConnection, day: date, now: int) -> None:
    """Have all open deadlines looked at, in the transaction that made the day a holiday."""
    await outbox.stage(conn, DeadlineTask.MOVE, Progress(day).subject, now)


def moving(services: DeadlineServices) -> dict[str, Effect]:
    """The effect by kind of task."""

    async def move(conn: AsyncConnection, subject: Subject, now: int) -> None:
        progress = Progress.of(subject)
        numbers = await standing_after(conn, progress.done, AT_ONCE)
        await move_deadlines(conn, services, numbers, progress.day, now)
        await _go_on(conn, progress, numbers, now)

    return {DeadlineTask.MOVE: move}


async def move_deadlines(
    conn: AsyncConnection, services: DeadlineServices, numbers: Collection[int], day: date, now: int
) -> int:
    """Record for each open deadline of these files that it moves by this day, once, and tell the person; how many."""
    closed = await closures(conn)
    named = {one.day: one.name for one in closed.proclaimed}
    if day not in named:
        return 0
    moving_now = list(await _moves(conn, services, numbers, closed, day))
    await lock(conn, moving_now)  # all of them, before the first event: the audit's lock comes last
    count = 0
    for moves in (await _moves(conn, services, moving_now, closed, day)).values():
        for of, source, one in moves:
            count += await _move(conn, services, of, source, one, ProclaimedDay(day, named[day]), now)
    return count


Moves = dict[int, list[tuple[DatedFile, DeadlineSource, OpenDeadline]]]


async def _moves(
    conn: AsyncConnection, services: DeadlineServices, numbers: Collection[int], closed: Closures, day: date
) -> Moves:
    """What moves by this day, by file; files of which nothing does are left out."""
    files = await dated_files(conn, services.programmes, numbers)
    found = {
        number: [(of, source, one) for source, one in moves_by(services.sources, of, closed, day)]
        for number, of in files.items()
    }
    return {number: moves for number, moves in found.items() if moves}


async def _move(
    conn: AsyncConnection,
    services: DeadlineServices,
    of: DatedFile,
    source: DeadlineSource,
    one: OpenDeadline,
    proclaimed: ProclaimedDay,
    now: int,
) -> bool:
    """One event, what the feature writes for it, and a message; False where it was recorded before."""
    key = f"{one.name}:{proclaimed.day}"
    event = {"deadline": one.name, "from_day": one.told.isoformat(), "to_day": one.last_day.isoformat()}
    there = await events.is_recorded(conn, of.history, FileEventKind.DEADLINE_MOVED, key)
    if there:
        return False
    reason = f"Le {long_day(proclaimed.day)} a été proclamé jour férié : {proclaimed.name}."
    await events.record(
        conn, of.history, FileEventKind.DEADLINE_MOVED, SERVICE, now, key=key, on_day=one.last_day, reason=reason,
        **event,
    )  # fmt: skip
    if source.moved is not None:
        await source.moved(conn, of, one, now)
    about = Subject.row(SUBMISSION, of.submission)
    said = message(one, reason)
    await deliver(
        conn, services.mailbox, of.account, about, TITLE, said, now, key=f"deadline:{of.submission}:{key}"
    )
    return True


def message(one: OpenDeadline, reason: str) -> list[Block]:
    """What the person reads: the new day, the old one, why, and how it was computed."""
    return [
        Paragraph(
            plain(
                f"{KINDS[one.kind]} : le dernier jour est maintenant le {long_day(one.last_day)}. C’était le "
                f"{long_day(one.told)}. Vous n’avez rien à faire de plus."
            )
        ),
        Paragraph(plain(reason)),
        *(Paragraph(plain(line)) for line in steps(one.found, one.told)),
    ]


async def _go_on(conn: AsyncConnection, progress: Progress, numbers: list[int], now: int) -> None:
    """Stage what comes next: more files, the second look, or nothing more."""
    if len(numbers) == AT_ONCE:
        await outbox.stage(conn, DeadlineTask.MOVE, progress._replace(done=numbers[-1]).subject, now)
    elif progress.look == 1:
        again = Progress(progress.day, 2).subject
        await outbox.stage(conn, DeadlineTask.MOVE, again, now, due_at=now + AGAIN_MS)
    else:
        day = proclaimed_day.c.day == progress.day.isoformat()
        await conn.execute(sa.update(proclaimed_day).where(day).values(moved_at=now))
