"""Whether SQL knows less than the line has seen of it: then SQL came back from a copy. Pure.

Whatever the line knows of a period's row was committed in SQL before (ADR 0022), so a row that is read after the line
and is behind it shows that commits are gone: a backup that was restored, a standby that was behind and took over. The
other way round says nothing: the line lags by moments, and one that came back from a copy is of another epoch.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from quota.period_bounds import LONGEST_NOTICE
from quota.states import ENDED, Mode, PeriodState
from quota.store import Period
from server.rendering.templating import instant
from waitingroom.line.snapshot import bitmap, members, without

JOINS_A_SECOND = 1_000
"""Nobody has seen more: 60,000 connections within the minute of June 2016."""

MOST_SKIPPED = 100_000
"""Numbers that are skipped at most where nobody knows what was given: more than ever stood in one line (81,000)."""

CONTINUOUS_MS = 30_000
"""A process that read the row so lately, and finds it no older, knows that SQL did not come back from a copy."""


NOTICE = (
    "Le service a été rétabli à partir d’une copie du {known_at}. Votre numéro d’attente est conservé. Si vous avez "
    "été appelé ou avez soumis une demande après ce moment, cela n’a pas pu être conservé\N{NO-BREAK SPACE}: gardez "
    "cette page ouverte, votre numéro sera appelé de nouveau tant qu’il reste des places."
)
"""What is told of a copy that was restored; it stands where an operator's notice does, and they may change it."""


class Recollection(NamedTuple):
    """What somebody knows of a period's row: the line, or a process that read it before.

    Its memory goes from `since` to `at` (instants; 0 for none) without a gap; `is_intact`, until now. `gone` is the
    bitmap of numbers that had a row in `token`; `entries` is -1 until they are counted.
    """

    is_intact: bool = False
    since: int = 0
    at: int = 0
    epoch: int = 0
    version: int = 0
    mark: int = 0
    clock: int = 0
    accepted: int = 0
    seq: int = 0
    entry_mark: int = 0
    entry_seq: int = 0
    entries: int = -1
    paused: bool = False
    suspended: bool = False
    ended: bool = False
    gone: bytes = b""


class Setback(msgspec.Struct, frozen=True, kw_only=True):
    """What SQL does not know any more: `numbers` had a row and have none. `known_at` is the instant of its last
    tick."""

    known_at: int
    numbers: Sequence[int]
    submissions: int

    @property
    def is_harmful(self) -> bool:
        """Whether somebody was told something that is forgotten: a call, a leave, a receipt."""
        return bool(self.numbers) or self.submissions > 0


def of_line(is_intact: bool, seq: int, state: Mapping[str, str], gone: bytes) -> Recollection:
    """The line as a recollection, from the fields of its state."""

    def field(name: str, otherwise: int = 0) -> int:
        return int(state.get(name) or otherwise)

    return Recollection(
        is_intact=is_intact,
        epoch=field("epoch"),
        version=field("version"),
        mark=field("mark"),
        clock=field("clock"),
        accepted=field("accepted"),
        seq=seq,
        entry_mark=field("entry_mark"),
        entry_seq=field("entry_seq"),
        entries=field("entries", -1),
        at=field("ticked"),
        paused=state.get("paused") == "1",
        suspended=state.get("suspended") == "1",
        ended=state.get("state") in ENDED,
        gone=gone,
    )


def of_row(period: Period, since: int, at: int, now: int) -> Recollection:
    """A row that a process has read again and again from `since` to `at`, as a recollection."""
    return Recollection(
        is_intact=now - at <= CONTINUOUS_MS,
        since=since,
        at=at,
        epoch=period.epoch,
        version=period.version,
        mark=period.mark,
        clock=period.clock,
        accepted=period.accepted,
        entry_mark=period.entry_mark,
        entries=-1 if period.entries is None else period.entries,
        paused=period.paused,
        suspended=period.suspended,
        ended=period.state in ENDED,
    )


def is_behind(period: Period, known: Recollection) -> bool:
    """Whether a row that was read after this recollection has gone back: within an epoch each of these only rises.

    A row of a later epoch was settled with all that was known when that began.
    """
    if period.epoch != known.epoch:
        return period.epoch < known.epoch
    return (
        period.version < known.version
        or period.mark < known.mark
        or period.clock < known.clock
        or period.accepted < known.accepted
        or period.entry_mark < known.entry_mark
    )


def setback(
    period: Period, numbers: Sequence[int], line: Recollection, process: Recollection
) -> Setback | None:
    """What SQL has forgotten, by its row, the numbers that have one, and those who knew better; None for nothing."""
    lost = list(members(without(line.gone, bitmap(numbers)))) if line.epoch >= period.epoch else []
    better = [one for one in (line, process) if is_behind(period, one)]
    if not lost and not better:
        return None
    accepted = max((one.accepted for one in better), default=0)
    return Setback(known_at=period.ticked_at, numbers=lost, submissions=max(0, accepted - period.accepted))


def next_row(
    period: Period, line: Recollection, process: Recollection, found: Setback | None, now: int
) -> dict[str, Any]:
    """The columns of a new epoch: above everything that anybody knows, and never less stopped than anybody knows.

    Numbers are skipped where some may have been given that nobody remembers (`unknown_numbers`).
    """
    skipped = unknown_numbers(period, line, process, now)
    is_entering = period.mode == Mode.DRAW and period.entries is None
    values: dict[str, Any] = {
        "epoch": 1 + max(period.epoch, line.epoch, process.epoch),
        "version": 1 + max(period.version, line.version, process.version),
        "mark": max(period.mark, line.mark, line.seq, process.mark) + (0 if is_entering else skipped),
    }
    if period.mode == Mode.DRAW:
        entry_mark = max(period.entry_mark, line.entry_mark, line.entry_seq, process.entry_mark)
        values["entry_mark"] = entry_mark + (skipped if is_entering else 0)
        if is_entering and (counted := max(line.entries, process.entries)) >= 0:
            values |= {"entries": counted, "mark": max(values["mark"], counted)}
    if found is not None:
        values |= _stops(period, line, process, now)
        if found.is_harmful:
            values["notice"] = notice(found, period.notice)
    return values


def unknown_numbers(period: Period, line: Recollection, process: Recollection, now: int) -> int:
    """How many numbers, or entries before the opening, may have been given that no store remembers.

    None where the line never forgot one, or a process has read SQL since before its last tick: then its mark is above
    all of them. Otherwise both stores may be copies, and nothing in them would show it. Too many do no harm: after a
    loss numbers may skip, and they never repeat (P1).
    """
    is_entering = period.mode == Mode.DRAW and period.entries is None
    given_from = (period.entries_from or 0) if is_entering else period.opens_at
    gone_back = is_behind(period, process)
    known_at = max(period.ticked_at, line.at)
    if (
        period.state not in (PeriodState.ARMED, PeriodState.OPEN)
        or max(period.epoch, line.epoch) == 0
        or known_at == 0
        or line.is_intact
        or (process.is_intact and process.since <= known_at and not gone_back)
    ):
        return 0
    if gone_back:
        known_at = max(known_at, process.at)
    seconds = (now - max(known_at, given_from)) / 1000
    return min(MOST_SKIPPED, max(0, round(seconds * JOINS_A_SECOND)))


def _stops(period: Period, line: Recollection, process: Recollection, now: int) -> dict[str, Any]:
    """Fails closed: what was stopped or had ended after the copy stands still until somebody decides."""
    better = [one for one in (line, process) if is_behind(period, one)]
    if period.state != PeriodState.OPEN or not better:
        return {}
    suspended = period.suspended or any(one.suspended or one.ended for one in better)
    paused = period.paused or suspended or any(one.paused for one in better)
    if (paused, suspended) == (period.paused, period.suspended):
        return {}
    return {"paused": paused, "suspended": suspended, "paused_at": period.paused_at or now}


def notice(found: Setback, before: str | None) -> str:
    """What everybody in the room is told, true also for those who were called or submitted since the copy."""
    text = NOTICE.format(known_at=instant(found.known_at))
    both = f"{text} {before}" if before else text
    return both if len(both) <= LONGEST_NOTICE else text
