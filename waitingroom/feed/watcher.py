"""One socket of the feed: whose it is, what it was told last, and the wire to it."""

import time
from typing import Final

import msgspec

from foundation.clock import parse_rfc3339
from quota.ledger import Token
from server.wire import WireProtocol
from waitingroom.feed.position_frames import PositionFrames
from waitingroom.feed.states import FINAL, CloseCode, FrameType
from waitingroom.positions import Me
from waitingroom.states import PersonState
from waitingroom.tickets import Ticket

REFRESH_SECONDS: Final = 10.0
"""One who no longer waits is told at least this often, so that what is shown is never old."""

MOST_UNSENT_BYTES: Final = 64 * 1024
"""More than this waiting to be sent, and the reader is dropped: it takes nothing."""

UNEVEN_MS: Final = 1_500
"""The service clock steps at each tick, so an end that stands still in fact is shown a little unevenly."""


WAITING: Final = PersonState.WAITING

POSITION: Final = FrameType.POSITION
"""Asked for every socket each second: a member by its class takes three times as long as a name."""


class MeFrame(Me, kw_only=True, frozen=True):
    """A `me` object on the wire, with what happened."""

    type: FrameType


class Watcher:
    """What a socket is told goes forward only: waiting, called, and what comes of it."""

    __slots__ = (
        "ahead", "asked", "closing", "expires_at", "hidden", "notice", "number", "paused", "period", "sent_at", "state",
        "ticket", "token", "wire",
    )  # fmt: skip

    def __init__(self, period: str, ticket: Ticket, wire: WireProtocol) -> None:
        self.period, self.ticket, self.number, self.wire = period, ticket, ticket.number, wire
        self.token: Token | None = None
        self.closing: int | None = None
        self.state: PersonState | None = None
        self.ahead, self.sent_at = 0, 0.0
        self.asked = 0
        self.paused = self.hidden = False
        self.notice: str | None = None
        self.expires_at: str | None = None

    def offer(self, me: Me) -> None:
        """Tell it this, if it says something new or what it was told last is old."""
        if me.state is PersonState.WAITING and self.state not in (None, PersonState.WAITING):
            return  # nobody waits again after a call: this look at the line is older than what was told
        now = time.monotonic()
        kind = what_changed(self, me)
        if kind is None and now - self.sent_at < REFRESH_SECONDS:
            return
        self.push(msgspec.json.encode(MeFrame(type=kind or kind_of(me), **msgspec.structs.asdict(me))))
        self.state, self.ahead, self.sent_at = me.state, me.ahead, now
        self.paused, self.notice, self.expires_at = me.paused, me.notice, me.expires_at

    def part(self) -> None:
        """End this socket if what it was told last is the end. Apart from `offer`: to close costs more than to tell."""
        if self.state in FINAL:
            self.close(CloseCode.ENDED)

    def position(self, frames: PositionFrames, ahead: int, due: bool) -> bytes | None:
        """The frame that a turn brings to somebody who waits: its position where that is `due`, or its news.

        None when there is nothing to say. A reader who has not taken what went before misses positions, and no news.
        """
        if self.closing is not None:
            return None
        if self.state is WAITING and self.paused is frames.paused and self.notice == frames.notice:
            if not due or self.wire.unsent():
                return None
            self.ahead = ahead
            return frames.frame(self.number, ahead, POSITION)
        if self.state not in (None, WAITING):
            return None  # called since the look
        return self._news(frames, ahead)

    def _news(self, frames: PositionFrames, ahead: int) -> bytes | None:
        """The first position of somebody who waits, or the one that brings a pause, its end, or a notice. A slow reader
        is cut instead, as by `push`."""
        if self._is_slow():
            return None
        if self.state is None:
            kind = POSITION
        elif self.paused is not frames.paused:
            kind = FrameType.PAUSED if frames.paused else FrameType.RESUMED
        else:
            kind = FrameType.NOTICE
        self.state, self.ahead = WAITING, ahead
        self.paused, self.notice = frames.paused, frames.notice
        return frames.frame(self.number, ahead, kind)

    def push(self, text: bytes, asking: bool = False) -> bool:
        """As `WireProtocol.push`. A slow reader, for whom too much waits already, is cut (backpressure)."""
        return not self._is_slow() and self.wire.push(text, asking)

    def _is_slow(self) -> bool:
        slow = self.wire.unsent() > MOST_UNSENT_BYTES
        if slow:
            self.wire.abort()
        return slow

    def close(self, code: int) -> None:
        """End this socket with this code, after what is still to be sent."""
        if self.closing is None:
            self.wire.end(code)
        self.closing = code


def kind_of(me: Me) -> FrameType:
    """The `type` of a frame that says what state somebody is in."""
    return FrameType.POSITION if me.state is PersonState.WAITING else FrameType(me.state)


def what_changed(before: Watcher, now: Me) -> FrameType | None:
    """The `type` of the frame that leads from what was told to what is; None when nothing needs saying."""
    if before.state != now.state:
        return kind_of(now)
    if before.paused != now.paused:
        return FrameType.PAUSED if now.paused else FrameType.RESUMED
    if before.notice != now.notice:
        return FrameType.NOTICE
    if before.ahead != now.ahead or moved(before.expires_at, now.expires_at):
        return kind_of(now)
    return None


def moved(before: str | None, now: str | None) -> bool:
    """Did a token's end move by more than the tick's own unevenness?"""
    if before is None or now is None:
        return before != now
    return abs(parse_rfc3339(now) - parse_rfc3339(before)) > UNEVEN_MS
