"""The live feed: once a second one look at each line, and every connected person's own frame from it.

A slow reader delays nobody: each socket has one slot for the newest frame, and its own task that sends it. There is no
pub/sub: a call is found by looking, so no lost message can be a missed call.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable

import msgspec
import structlog

from quota import ledger
from quota.clock import parse_rfc3339
from quota.errors import Unavailable
from quota.ledger import Token
from quota.pulse import Pulse
from quota.store import Period
from waitingroom.line import bitmap
from waitingroom.me import Me, Waited
from waitingroom.room import Room
from waitingroom.tickets import Ticket

log = structlog.get_logger()
LOOK_SECONDS = 1.0
MARK_SECONDS = 5.0
BEAT_SECONDS = 2.0
REFRESH_SECONDS = 10.0
"""A frame goes out at least this often, so that the age shown is honest."""

BLIND_SECONDS = 10.0
"""After this long without a mark that Redis took, people are sent to another process, if one does better."""

UNEVEN_MS = 1_500
"""The service clock steps at each tick, so an end that stands still in fact is shown a little unevenly."""

FINAL = {"submitted": 1000, "left": 1000, "drained": 1000}


class Frame(Me, kw_only=True, frozen=True):
    """A `me` object on the wire, with what happened."""

    type: str


class Watcher:
    """One socket: whose it is, what it was told last, and the newest frame that waits to be sent."""

    __slots__ = ("_frame", "_news", "closing", "last", "period", "sent_at", "ticket", "token")

    def __init__(self, period: str, ticket: Ticket) -> None:
        self.period, self.ticket = period, ticket
        self.last: Me | None = None
        self.token: Token | None = None
        self.sent_at = 0.0
        self.closing: int | None = None
        self._frame: Frame | None = None
        self._news = asyncio.Event()

    def offer(self, me: Me) -> None:
        """Take this as the newest position; it is sent if it says something new or the last frame is old."""
        if me.state == "waiting" and self.last is not None and self.last.state != "waiting":
            return  # nobody waits again after a call: this look at the line is older than what was told
        now = time.monotonic()
        kind = what_changed(self.last, me)
        if kind is None and now - self.sent_at < REFRESH_SECONDS:
            return
        # An unsent call must not be hidden by a later mere position.
        if self._frame is not None and kind in (None, "position"):
            kind = self._frame.type if self._frame.state == me.state else kind
        self._frame = Frame(type=kind or kind_of(me), **msgspec.structs.asdict(me))
        self.last, self.sent_at = me, now
        if me.state in FINAL:
            self.closing = FINAL[me.state]
        self._news.set()

    def close(self, code: int) -> None:
        """End this socket with this code, after what is still to be sent."""
        self.closing = code
        self._news.set()

    async def next(self) -> Frame | None:
        """The next frame to send; None when only the close is left."""
        await self._news.wait()
        self._news.clear()
        frame, self._frame = self._frame, None
        return frame


def kind_of(me: Me) -> str:
    return "position" if me.state == "waiting" else me.state


def what_changed(before: Me | None, now: Me) -> str | None:
    """The `type` of the frame that leads from one position to the next; None when nothing needs saying."""
    if before is None or before.state != now.state:
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


class Feed:
    """All sockets of this process."""

    def __init__(self, room: Room, pulse: Pulse) -> None:
        self._room, self.pulse = room, pulse
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._marked_at = time.monotonic()
        self._mark_due = self._beat_due = 0.0

    def add(self, watcher: Watcher) -> None:
        self._watchers[watcher.period].add(watcher)
        self._count_sockets()

    def remove(self, watcher: Watcher) -> None:
        self._watchers[watcher.period].discard(watcher)
        self._count_sockets()

    def _count_sockets(self) -> None:
        self._room.events.level("sockets", sum(map(len, self._watchers.values())))

    async def run(self) -> None:
        """Turn once a second until cancelled. A store that is away is waited for, never fatal."""
        while True:
            started = time.monotonic()
            try:
                await self.turn()
            except Unavailable as problem:
                log.warning("feed_waits", store=problem.fields["store"])
            except Exception:
                log.exception("feed_turn_failed")
            await asyncio.sleep(max(0.05, LOOK_SECONDS - (time.monotonic() - started)))

    async def turn(self) -> None:
        """One look at everything, and everybody's news."""
        now = time.monotonic()
        if now >= self._beat_due:
            self._beat_due = now + BEAT_SECONDS
            await self.pulse.beat()
        await self._room.refresh()
        marking = now >= self._mark_due
        if marking:
            self._mark_due = now + MARK_SECONDS
        for period in await self._room.periods():
            look = await self._room.look(period)
            watchers = list(self._watchers[period.id])
            if watchers:
                await self._tell(period, look, watchers)
            if marking:
                await self._mark(period, watchers)
        self._shed()

    async def _tell(self, period: Period, look: Waited | None, watchers: list[Watcher]) -> None:
        rows: list[Watcher] = []
        lost: list[Ticket] = []
        for watcher in watchers:
            place = look.snapshot.place(watcher.ticket.number) if look else "waiting"
            if place == "gone" or watcher.token is not None:
                rows.append(watcher)
            elif place == "lost":
                lost.append(watcher.ticket)
        found = await self._look_up(period, rows)
        if lost:
            await self._room.restore(period, lost)
        for watcher in watchers:
            watcher.token = found.get(watcher.ticket.number, watcher.token)
            if look is None and watcher.token is None:
                continue  # nothing is known yet; an invented position would be worse than none
            watcher.offer(self._room.show(period, look, watcher.ticket.number, watcher.token))

    async def _look_up(self, period: Period, watchers: Iterable[Watcher]) -> dict[int, Token]:
        numbers = sorted({watcher.ticket.number for watcher in watchers})
        if not numbers:
            return {}
        return await self._room.db.read(lambda conn: ledger.find_many(conn, period.uid, numbers))

    async def _mark(self, period: Period, watchers: list[Watcher]) -> None:
        numbers = {watcher.ticket.number for watcher in watchers if watcher.token is None}
        try:
            if numbers:
                bits = bitmap(numbers)
                await self._room.fenced(
                    period.uid, lambda epoch: self._room.line.mark(period.uid, epoch, bits)
                )
            else:
                await self._room.line.ping()
            await self._room.line.sockets(period.uid, self.pulse.process, 0, 0)
        except Unavailable:
            return
        self._marked_at = time.monotonic()
        self.pulse.marks += 1

    def _shed(self) -> None:
        """Blind for long while another process sees: send a tenth of the people there each second."""
        if time.monotonic() - self._marked_at < BLIND_SECONDS or not self.pulse.others_mark():
            return
        everybody = [watcher for watchers in self._watchers.values() for watcher in watchers]
        for watcher in everybody[: len(everybody) // 10 + 1]:
            watcher.close(1012)
