"""What one look at the line says to everybody who waits, as ready frames: what they share is written once. Pure.

A frame is the `me` object with its `type`, byte for byte what an encoder makes of it; a test compares the two.
"""

import math
from typing import Final

import msgspec

from foundation.clock import rfc3339
from quota.store import Period
from waitingroom.feed.states import FrameType
from waitingroom.line.looks import Look
from waitingroom.line.snapshot import between, slowest
from waitingroom.positions import LONGEST_POLL_SECONDS, poll_seconds, undrawn
from waitingroom.states import SOON_SECONDS

NEAR_MINUTES: Final = (SOON_SECONDS + 1) / 75
"""Of calls, at the announced pace: with fewer people ahead a position comes each second. « Bientôt votre tour » is said
by the longest wait, a quarter more than the pace has it (`snapshot.between`): whoever is told that is near."""

FAR = 40_000
"""People ahead: with more than these a position comes each `FAR_SECONDS`."""

MIDDLE_SECONDS: Final = 3
"""Everybody between. A turn that comes a second late is still not said: from 5 s on the page says how old a position
is."""

FAR_SECONDS: Final = 5
"""Everybody far away, a tab that nobody sees, and everybody while calls stand still."""

RARE_POLL_MINUTES = 20
"""So far away polls are as rare as they get."""

LATE_SECONDS, EASY_SECONDS = 0.9, 0.45
"""A turn whose positions took more than the one is too much for its second; with less than the other there is room."""

WAITED_SECONDS, SMOOTH_SECONDS = 0.25, 0.1
"""And a turn that waited so long for a processor keeps it from others who need it more: with less there is room."""

MOST_STRAIN = 5


def bands(stopped: bool, calls_per_minute: int, strain: int = 0) -> tuple[int, int]:
    """With fewer ahead than the first somebody is pushed a position each second, than the second each
    `MIDDLE_SECONDS`.

    Everybody else hears each `FAR_SECONDS`. What else changes is pushed at once.
    """
    if stopped:
        return 0, 0
    return math.ceil(NEAR_MINUTES * max(0, calls_per_minute)) >> strain, FAR >> strain


def strained(before: int, took_seconds: float, waited_seconds: float = 0.0) -> int:
    """Load shedding: how often the distances of the bands are halved from here on, so that calls keep their share.

    A process that needs its whole second for positions has none left for those who are called. One that waits for a
    processor (`waited_seconds` of those it took) shares a machine on which others have more to do than there is time.
    """
    if took_seconds > LATE_SECONDS or waited_seconds > WAITED_SECONDS:
        return min(MOST_STRAIN, before + 1)
    return max(0, before - 1) if took_seconds < EASY_SECONDS and waited_seconds < SMOOTH_SECONDS else before


class PositionFrames:
    """The positions that come from one look at one period's line, as frames sent at the instant `now` (ms)."""

    def __init__(self, period: Period, look: Look, now: int, strain: int = 0) -> None:
        self.paused, self.notice = period.paused or period.suspended, period.notice
        self.near, self.far = bands(self.paused, period.calls_per_minute, strain)
        self._undrawn = undrawn(period)
        self._waiting = self._undrawn + look.snapshot.waiting
        self._pace = period.calls_per_minute
        self._slow = slowest(self._pace, look.per_minute)
        self._silent = self.paused or self._undrawn > 0 or self._pace <= 0
        self._distant = RARE_POLL_MINUTES * max(1, self._pace)
        self.as_of = now - round(look.age_seconds() * 1000)
        as_of, text = rfc3339(self.as_of), msgspec.json.encode
        self._middle = b',"as_of":%b,"next_poll_seconds":' % text(as_of)
        self._last = b',"paused":%b,"notice":%b,"server_time":%b' % (
            text(self.paused), text(self.notice), text(rfc3339(now)),
        )  # fmt: skip
        self._ends: dict[tuple[int, FrameType | None], bytes] = {}

    def frame(self, number: int, ahead: int, kind: FrameType | None) -> bytes:
        """This number's position, from how many the look has ahead of it. `kind` is the frame's type, if
        it has one."""
        if self._undrawn:
            ahead = min(number - 1, ahead + self._undrawn)
        # A look from before the join does not count the one who asks.
        waiting = self._waiting if self._waiting > ahead else ahead + 1
        poll = LONGEST_POLL_SECONDS if ahead > self._distant else poll_seconds(ahead, self._pace)
        end = self._ends.get((poll, kind)) or self._end(poll, kind)
        if self._silent:
            return b'{"number":%d,"state":"waiting","ahead":%d,"waiting":%d,"estimated_wait_seconds":null%b' % (
                number, ahead, waiting, end,
            )  # fmt: skip
        low, high = between(ahead, self._pace, self._slow)
        return b'{"number":%d,"state":"waiting","ahead":%d,"waiting":%d,"estimated_wait_seconds":[%d,%d]%b' % (
            number, ahead, waiting, low, high, end,
        )  # fmt: skip

    def standing(self, number: int, ahead: int) -> tuple[int, tuple[int, int] | None]:
        """The same for words: how many are ahead, and the range of the wait in seconds where there is one."""
        if self._undrawn:
            ahead = min(number - 1, ahead + self._undrawn)
        return ahead, None if self._silent else between(ahead, self._pace, self._slow)

    def position(self, number: int, ahead: int) -> bytes:
        """The same without a type and without the closing brace: the `me` object, for more to be added."""
        return self.frame(number, ahead, None)

    def _end(self, poll: int, kind: FrameType | None) -> bytes:
        """What everybody shares who should come back after so many seconds: all after the estimate, written once."""
        closing = b',"type":"%b"}' % kind.encode() if kind else b""
        self._ends[poll, kind] = end = b"%b%d%b%b" % (self._middle, poll, self._last, closing)
        return end


SHARED_MS: Final = 16
"""How old the instant in a frame may be that many answers share: a page's clock is late by its own way anyhow."""


class LastFrames:
    """The frames of the last look at each period: answers within a few milliseconds share them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Period, Look, int, PositionFrames]] = {}

    def at(self, period: Period, look: Look, now: int) -> PositionFrames:
        """Those of this look at this instant (ms), or so little before that nobody's clock can tell."""
        known = self._known.get(period.uid)
        if (
            known is None
            or known[0] is not period
            or known[1] is not look
            or not 0 <= now - known[2] < SHARED_MS
        ):
            known = self._known[period.uid] = period, look, now, PositionFrames(period, look, now)
        return known[3]
