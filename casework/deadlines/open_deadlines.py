"""The open deadlines of a file, of what happened to it and of the days that are closed (P13). Pure.

A deadline is counted from its start again whenever it is asked for; what was told is beside it, and the later of the
two is what counts: no deadline ever moves to the person's harm. Features add theirs as a `DeadlineSource`
(`config/wiring/deadlines.py`).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.states import DeadlineKind
from casework.files.events import FileHistory
from casework.files.states import FileEventKind, FileStatus
from foundation.calendar.closures import Closures
from foundation.calendar.spans import Deadline


class DatedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What deadlines are counted from. `pay_by` is the last instant to pay as it was told last; `pay_days` how many
    days the rules give: 0 where they ask for no fees, None where no rules are known any more."""

    submission: int
    account: int
    submitted_at: int
    pay_by: int
    pay_days: int | None
    history: FileHistory

    @property
    def status(self) -> FileStatus:
        return self.history.status


class OpenDeadline(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline that is still awaited. `key` tells two of a kind apart, `told` is the last day as the person was told
    it last, `found` what counting gives now."""

    kind: DeadlineKind
    found: Deadline
    told: date
    key: str = ""

    @property
    def last_day(self) -> date:
        """The day that counts: never before the one that was told."""
        return max(self.told, self.found.last_day)

    @property
    def name(self) -> str:
        """What tells it apart in its file."""
        return f"{self.kind}:{self.key}" if self.key else str(self.kind)


Find = Callable[[DatedFile, Closures], Iterable[OpenDeadline]]
"""The open deadlines of a feature, of what is known of a file. Pure."""

AfterMove = Callable[[AsyncConnection, DatedFile, OpenDeadline, int], Awaitable[None]]
"""Writes what follows from a deadline that moved to `last_day`, under the file's lock, in the event's transaction; the
last argument is the instant. What it may write: the feature's own rows, and tasks such as reminders."""


class DeadlineSource(msgspec.Struct, frozen=True):
    """A feature's deadlines, and what it does where one of them has moved."""

    find: Find
    moved: AfterMove | None = None


def open_deadlines(
    sources: Sequence[DeadlineSource], of: DatedFile, closures: Closures
) -> list[tuple[DeadlineSource, OpenDeadline]]:
    """Every open deadline of a file with its source, in the order of the sources."""
    return [(source, one) for source in sources for one in source.find(of, closures)]


def moves_by(
    sources: Sequence[DeadlineSource], of: DatedFile, closures: Closures, day: date
) -> list[tuple[DeadlineSource, OpenDeadline]]:
    """The open deadlines that are later because this day, one of `closures`, was proclaimed.

    Not those that the person was told already, and not what counting gives anew for any other cause.
    """
    before = Closures(
        kind=closures.kind, proclaimed=tuple(one for one in closures.proclaimed if one.day != day)
    )
    without = {one.name: one.last_day for _, one in open_deadlines(sources, of, before)}
    return [
        (source, one)
        for source, one in open_deadlines(sources, of, closures)
        if one.last_day > max(one.told, without.get(one.name, one.told))
    ]


def last_told(history: FileHistory, name: str, first: date) -> date:
    """The last day that was told of a deadline (`OpenDeadline.name`) that was first told as `first`."""
    moved = [
        event.on_day
        for event in history.events
        if event.kind is FileEventKind.DEADLINE_MOVED
        and event.detail.get("deadline") == name
        and event.on_day
    ]
    return max([first, *moved])
