"""The live feed: once a second one look at each line, and every connected person's own frame from it.

A slow reader delays nobody: each socket has one slot for the newest frame, and its own task that sends it. There is no
pub/sub: a call is found by looking, so no lost message can be a missed call.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable

import msgspec
import structlog

from quota import ledger
from quota.clock import parse_rfc3339
from quota.errors import Unavailable
from quota.ledger import Token
from quota.periods import over
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
AGAIN_SECONDS = 1.0
"""What failed is tried again after this long."""

REFRESH_SECONDS = 10.0
"""A frame goes out at least this often, so that the age shown is honest."""

BLIND_SECONDS = 10.0
"""After this long without a mark that Redis took, people are sent to another process, if one does better."""

SURE_SECONDS = 5.0
"""For so long the other process must have done better: after an outage of all, one is always the first to be back."""

MOST_SOCKETS = 3
"""Of one ticket, over all processes."""

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
        self._open: Counter[Ticket] = Counter()
        self._untold: set[Ticket] = set()
        self._marked_at = time.monotonic()
        self._others_since: float | None = None

    def add(self, watcher: Watcher) -> None:
        self._watchers[watcher.period].add(watcher)
        self._count_sockets()

    def remove(self, watcher: Watcher) -> None:
        self._watchers[watcher.period].discard(watcher)
        self._count_sockets()

    def _count_sockets(self) -> None:
        self._room.events.level("sockets", sum(map(len, self._watchers.values())))

    # -- how many sockets a ticket has -------------------------------------------------------------------------------

    async def admit(self, ticket: Ticket) -> bool:
        """Count one more socket of this ticket; False when it has enough. Without Redis it fails open."""
        if self._open[ticket] >= MOST_SOCKETS:
            return False
        self._open[ticket] += 1
        if await self._tell_count(ticket):
            return True
        self._release(ticket)
        return False

    async def dismiss(self, ticket: Ticket) -> None:
        """Count one socket less."""
        self._release(ticket)
        await self._tell_count(ticket)

    def _release(self, ticket: Ticket) -> None:
        self._open[ticket] -= 1
        if not self._open[ticket]:
            del self._open[ticket]

    async def _tell_count(self, ticket: Ticket) -> bool:
        """Tell the line how many there are now; what it could not be told, it is told with the next mark."""
        process, count = self.pulse.process, self._open[ticket]
        try:
            return await self._room.line.sockets(ticket.uid, process, ticket.number, count, MOST_SOCKETS)
        except Unavailable:
            self._untold.add(ticket)
            return True

    # -- the loops ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look, mark and beat until cancelled, each on its own: a store that is away holds up only what needs it."""
        await asyncio.gather(
            self._repeat(LOOK_SECONDS, self.turn),
            self._repeat(MARK_SECONDS, self.mark),
            self._repeat(BEAT_SECONDS, self.pulse.beat),
        )

    async def _repeat(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            started = time.monotonic()
            pause = seconds if await self._safely(work) else min(seconds, AGAIN_SECONDS)
            await asyncio.sleep(max(0.05, pause - (time.monotonic() - started)))

    async def _safely(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it went well. A store that is away is waited for; nothing is fatal."""
        try:
            await work()
        except Unavailable as problem:
            log.warning("feed_waits", store=problem.fields["store"])
        except Exception:
            log.exception("feed_turn_failed")
        else:
            return True
        return False

    async def turn(self) -> None:
        """One look at everything, and everybody's news. A period that fails does not silence the others."""
        await self._room.refresh()
        for period in await self._room.periods():
            await self._safely(lambda period=period: self._show(period))  # type: ignore[misc]
        self._shed()

    async def _show(self, period: Period) -> None:
        look = await self._room.look(period)
        watchers = list(self._watchers[period.id])
        if watchers:
            await self._tell(period, look, watchers)

    async def _tell(self, period: Period, look: Waited | None, watchers: list[Watcher]) -> None:
        rows: list[Watcher] = []
        lost: list[Ticket] = []
        for watcher in watchers:
            place = look.snapshot.place(watcher.ticket.number) if look else "unknown"
            # The look may be older than the last call; nobody is told that it is over before SQL was asked.
            if place == "gone" or watcher.token is not None or over(period):
                rows.append(watcher)
                continue
            if place == "lost":
                lost.append(watcher.ticket)
            if place != "unknown":  # an invented position would be worse than none
                watcher.offer(self._room.show(period, look, watcher.ticket.number, None))
        found = await self._look_up(period, rows)
        for watcher in rows:
            watcher.token = found.get(watcher.ticket.number, watcher.token)
            watcher.offer(self._room.show(period, look, watcher.ticket.number, watcher.token))
        if lost:
            await self._room.restore(period, lost)

    async def _look_up(self, period: Period, watchers: Iterable[Watcher]) -> dict[int, Token]:
        numbers = sorted({watcher.ticket.number for watcher in watchers})
        if not numbers:
            return {}
        return await self._room.db.read(lambda conn: ledger.find_many(conn, period.uid, numbers))

    # -- presence ----------------------------------------------------------------------------------------------------

    async def mark(self) -> None:
        """Mark everybody connected as present: of SQL this needs nothing while the line stands. Raises Unavailable."""
        crowds = [watchers for watchers in self._watchers.values() if watchers]
        if not crowds:
            await self._room.line.ping()
        failed = None
        for watchers in crowds:
            try:
                await self._mark(watchers)
            except Unavailable as problem:
                failed = problem
        if failed is not None:
            raise failed
        self._marked_at = time.monotonic()
        self.pulse.marks += 1

    async def _mark(self, watchers: set[Watcher]) -> None:
        """One period's people, and how many sockets they have."""
        uid = next(iter(watchers)).ticket.uid
        bits = bitmap({watcher.ticket.number for watcher in watchers if watcher.token is None})
        if bits:
            await self._room.fenced(uid, lambda epoch: self._room.line.mark(uid, epoch, bits))
        await self._room.line.sockets(uid, self.pulse.process, 0, 0, MOST_SOCKETS)
        for ticket in [ticket for ticket in self._untold if ticket.uid == uid]:
            self._untold.discard(ticket)
            await self._tell_count(ticket)

    def _shed(self) -> None:
        """Blind for long while another process sees: send a tenth of the people there each second."""
        now = time.monotonic()
        if now - self._marked_at < BLIND_SECONDS or not self.pulse.others_mark():
            self._others_since = None
            return
        if self._others_since is None:
            self._others_since = now
        if now - self._others_since < SURE_SECONDS:
            return
        everybody = [watcher for watchers in self._watchers.values() for watcher in watchers]
        for watcher in everybody[: len(everybody) // 10 + 1]:
            watcher.close(1012)
