"""One socket of the feed: whose it is, what it was told last, and the wire to it."""

import time
from typing import Final, Protocol

import msgspec

from foundation.clock import parse_rfc3339
from quota.ledger import Token
from waitingroom.feed.position_frames import FAR_SECONDS, PositionFrames
from waitingroom.positions import Me
from waitingroom.tickets import Ticket

REFRESH_SECONDS: Final = 10.0
"""Whoever no longer waits is told at least this often, so that what is shown is never old."""

MOST_UNSENT_BYTES: Final = 64 * 1024
"""More than this waiting to be sent, and the reader is dropped: it takes nothing."""

UNEVEN_MS: Final = 1_500
"""The service clock steps at each tick, so an end that stands still in fact is shown a little unevenly."""

FINAL: Final = {"submitted": 1000, "left": 1000, "drained": 1000}

WAITING: Final = "waiting"


class MeFrame(Me, kw_only=True, frozen=True):
    """A `me` object on the wire, with what happened."""

    type: str


class Wire(Protocol):
    """A socket that is written to without waiting. The server's own, where it has one."""

    def push(self, text: bytes, asking: bool = False) -> bool:
        """Send this text frame; nothing happens on a socket that is closed.

        `asking` asks for a sign of life along with it, which costs neither side a message of its own. Whether it was
        asked for: not while the last one has not come.
        """

    def unsent(self) -> int:
        """Bytes that the other side has not made room for."""

    def ping(self) -> None:
        """Ask for a sign of life; not while the last one has not come."""

    def silent(self) -> bool:
        """Whether a sign of life was asked for that has not come."""

    def end(self, code: int) -> None:
        """Close with this code, after what was pushed."""

    def abort(self) -> None:
        """Cut the connection: what was not sent is thrown away."""


class Watcher:
    """What a socket is told goes forward only: waiting, called, and what comes of it."""

    __slots__ = (
        "ahead", "asked", "closing", "expires_at", "hidden", "notice", "number", "paused", "period", "sent_at", "state",
        "ticket", "token", "wire",
    )  # fmt: skip

    def __init__(self, period: str, ticket: Ticket, wire: Wire) -> None:
        self.period, self.ticket, self.number, self.wire = period, ticket, ticket.number, wire
        self.token: Token | None = None
        self.closing: int | None = None
        self.state: str | None = None
        self.ahead, self.sent_at = 0, 0.0
        self.asked = 0
        self.paused = self.hidden = False
        self.notice: str | None = None
        self.expires_at: str | None = None

    def offer(self, me: Me) -> None:
        """Tell it this, if it says something new or what it was told last is old."""
        if me.state == WAITING and self.state not in (None, WAITING):
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
            self.close(FINAL[self.state])

    def position(self, sheet: PositionFrames, ahead: int, turn: int) -> bytes | None:
        """The frame that this turn (a second) brings to somebody who waits; None when nothing is due.

        A reader who has not taken what went before misses positions, and no news. A tab that nobody sees (`hidden`)
        hears of positions as somebody far away does.
        """
        if self.closing is not None:
            return None
        if self.state == WAITING and self.paused is sheet.paused and self.notice == sheet.notice:
            if ahead >= sheet.near or self.hidden:
                every = FAR_SECONDS if self.hidden or ahead >= sheet.far else 2
                if (turn + self.number) % every:
                    return None
            if self.wire.unsent():
                return None
            self.ahead = ahead
            return sheet.frame(self.number, ahead, "position")
        if self.state not in (None, WAITING):
            return None  # called since the look
        if self.state is None:
            kind = "position"
        elif self.paused is not sheet.paused:
            kind = "paused" if sheet.paused else "resumed"
        else:
            kind = "notice"
        self.state, self.ahead, self.paused, self.notice = WAITING, ahead, sheet.paused, sheet.notice
        return sheet.frame(self.number, ahead, kind)

    def push(self, text: bytes, asking: bool = False) -> bool:
        """Send it, unless so much waits already that nobody can be reading. As `Wire.push`."""
        if self.wire.unsent() > MOST_UNSENT_BYTES:
            self.wire.abort()
            return False
        return self.wire.push(text, asking)

    def close(self, code: int) -> None:
        """End this socket with this code, after what is still to be sent."""
        if self.closing is None:
            self.wire.end(code)
        self.closing = code


def kind_of(me: Me) -> str:
    return "position" if me.state == WAITING else me.state


def what_changed(before: Watcher, now: Me) -> str | None:
    """The `type` of the frame that leads from what was told to what is; None when nothing needs saying."""
    if before.state != now.state:
        return kind_of(now)
    if before.paused != now.paused:
        return "paused" if now.paused else "resumed"
    if before.notice != now.notice:
        return "notice"
    if before.ahead != now.ahead or moved(before.expires_at, now.expires_at):
        return kind_of(now)
    return None


def moved(before: str | None, now: str | None) -> bool:
    """Did a token's end move by more than the tick's own unevenness?"""
    if before is None or now is None:
        return before != now
    return abs(parse_rfc3339(now) - parse_rfc3339(before)) > UNEVEN_MS
