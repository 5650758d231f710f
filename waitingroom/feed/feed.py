"""The live feed: once a second one look at each line, and every connected person's own frame from it.

There is no pub/sub: a call is found by looking, so no lost message can be a missed call. Those who were called are told
first; positions follow, nearest first, in slices between which this process answers others. What is told of a call
comes from SQL; of a position, from the look.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.events import Events
from foundation.heartbeat import Heartbeat
from quota.ledger import Token
from quota.periods import over
from quota.states import Mode
from quota.store import Period
from waitingroom.feed.position_frames import PositionFrames, strained
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.feed.states import FINAL, CloseCode
from waitingroom.feed.watcher import Watcher
from waitingroom.feed.watcher_set import WatcherSet, in_numbers
from waitingroom.line.looks import Look, Looks
from waitingroom.period_cache import PeriodCache
from waitingroom.position_reader import PositionReader
from waitingroom.presence import PresenceMarks

log = structlog.get_logger()

LOOK_SECONDS = 1.0

MARK_SECONDS = 5.0

BEAT_SECONDS = 2.0

AGAIN_SECONDS = 1.0
"""What failed is tried again after this long."""

SHARED_LOOK_SECONDS: Final = 0.1
"""A look that a poll or a page brought may be this old and still be everybody's."""

PING_SECONDS: Final = 1.0

ASK_ROUNDS: Final = 7
"""So many seconds after the last time a socket is asked for a sign of life along with its next position: then that
costs no message of its own. Each 7 to 10 s, by how often it hears."""

ALONE_ROUNDS: Final = 11
"""Seconds after which it is asked without one: there was none for it, or turns take longer than a second."""

ANSWER_ROUNDS: Final = 5
"""Seconds for the answer; who gave none is dropped, within eighteen seconds of the last."""

SLICE: Final = 200
"""So many frames are written without a pause: about 3 ms."""

BLIND_SECONDS = 10.0
"""After this long without a mark that Redis took, people are sent to another process, if one does better."""

SURE_SECONDS = 5.0
"""For so long the other process must have done better: after an outage of all, one is always the first to be back."""


class Feed:
    """All sockets of this process."""

    def __init__(
        self,
        *,
        periods: PeriodCache,
        looks: Looks,
        presence: PresenceMarks,
        positions: PositionReader,
        counts: SocketCounts,
        pulse: Heartbeat,
        events: Events,
    ) -> None:
        self._periods, self._looks, self._presence = periods, looks, presence
        self._positions, self.counts, self.pulse, self._events = positions, counts, pulse, events
        self._watchers: defaultdict[str, WatcherSet] = defaultdict(WatcherSet)
        self._turn = self._pings = self._patience = self._strain = 0
        self._positions_took = self._positions_waited = 0.0
        self._asked_at = time.monotonic()
        self._marked_at = time.monotonic()
        self._others_since: float | None = None

    def add(self, watcher: Watcher) -> None:
        watcher.asked = self._pings - watcher.number % ANSWER_ROUNDS
        self._watchers[watcher.period].add(watcher)

    def check(self, watcher: Watcher) -> None:
        """It was told something by rows that may be older than those of the last turn: the next one compares."""
        self._watchers[watcher.period].fresh.add(watcher)

    def remove(self, watcher: Watcher) -> None:
        self._watchers[watcher.period].discard(watcher)

    # -- the loops ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look, mark and beat until cancelled, each on its own: a store that is away holds up only what needs it."""
        await asyncio.gather(
            self._repeat(LOOK_SECONDS, self.turn),
            self._repeat(PING_SECONDS, self.ping),
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
        """One look at everything that is watched, and everybody's news. A period that fails does not silence others."""
        self._turn += 1
        self._events.level("sockets", sum(map(len, self._watchers.values())))
        self._positions_took = self._positions_waited = 0.0
        await self._periods.refresh()
        for period in await self._periods.public():
            if self._watchers[period.id]:
                await self._safely(lambda period=period: self._show(period))  # type: ignore[misc]
        self._strain = strained(self._strain, self._positions_took, self._positions_waited)
        self._shed()

    async def _show(self, period: Period) -> None:
        effort = WorkTimer()
        look = await self._looks.look(period, SHARED_LOOK_SECONDS)
        crowd, ended = self._watchers[period.id], over(period)
        undrawn = period.mode == Mode.DRAW and period.seed is None
        with effort:
            called, lost = crowd.sort_out(look.snapshot if look else None)
            # The look may be older than the last call: nobody is told that it is over before SQL was asked. And behind
            # entries that the line does not count yet, nobody's place follows from the line alone.
            everybody = ended or undrawn
            rows = [
                one for one in (crowd.in_order() if everybody else in_numbers(called)) if one.closing is None
            ]
        await self._tell_rows(period, look, crowd, rows)
        if look is not None and not everybody:
            await self._tell_positions(period, look, crowd, effort)
        self._events.took("feed", effort.seconds)
        tickets = [watcher.ticket for watcher in lost if watcher.closing is None]
        if tickets and not ended:
            await self._presence.restore(period, tickets)

    async def _tell_rows(
        self, period: Period, look: Look | None, crowd: WatcherSet, rows: list[Watcher]
    ) -> None:
        """Those of whom SQL may know more than the line: asked in one question, told before all others.

        At the end of a period that is everybody: all have heard before the first sockets are closed.
        """
        found = await self._look_up(period, rows)
        for start in range(0, len(rows), SLICE):
            for watcher in rows[start : start + SLICE]:
                watcher.token = found.get(watcher.number, watcher.token)
                if watcher.token is not None:
                    crowd.called.add(watcher)
                watcher.offer(self._positions.show(period, look, watcher.number, watcher.token))
            await asyncio.sleep(0)
        parting = [watcher for watcher in rows if watcher.state in FINAL]
        for start in range(0, len(parting), SLICE):
            for watcher in parting[start : start + SLICE]:
                watcher.part()
            await asyncio.sleep(0)

    async def _look_up(self, period: Period, watchers: Sequence[Watcher]) -> dict[int, Token]:
        numbers = sorted({watcher.number for watcher in watchers})
        if not numbers:
            return {}
        return await self._positions.tokens(period, numbers)

    async def _tell_positions(
        self, period: Period, look: Look, crowd: WatcherSet, effort: "WorkTimer"
    ) -> None:
        """The places of those who are due, as the look has them. An invented one would be worse than none.

        What is news for everybody is told to everybody; and what they know is not taken for known of those who came
        since the last turn.
        """
        began, worked = time.monotonic(), time.thread_time()
        with effort:
            frames = PositionFrames(period, look, now_ms(), self._strain)
            due = crowd.due(look.snapshot, frames.near, frames.far, self._turn)
            news = (frames.paused, frames.notice)
            others = crowd.fresh if crowd.knows(news) else set(crowd)
            fresh, crowd.fresh = crowd.fresh, set()
        try:
            await self._tell_each(period, look, due, True, effort)
            await self._tell_each(period, look, in_numbers(others.difference(due)), False, effort)
        except BaseException:
            crowd.fresh |= fresh
            raise
        crowd.was_told(news)
        crowd.fresh.update(one for one in fresh if one.state is None)
        took = time.monotonic() - began
        self._positions_took += took
        self._positions_waited += took - (time.thread_time() - worked)

    async def _tell_each(
        self, period: Period, look: Look, watchers: Sequence[Watcher], due: bool, effort: "WorkTimer"
    ) -> None:
        for start in range(0, len(watchers), SLICE):
            with effort:
                part = watchers[start : start + SLICE]
                standings = look.snapshot.standings([one.number for one in part])
                frames, texts = PositionFrames(period, look, now_ms(), self._strain), list[bytes | None]()
                for watcher, ahead in zip(part, standings, strict=True):
                    waits = ahead >= 0 and watcher.token is None
                    texts.append(watcher.position(frames, ahead, due) if waits else None)
            pings, asked_before = self._pings, self._pings - ASK_ROUNDS
            for watcher, text in zip(part, texts, strict=True):
                if text is not None and watcher.wire.push(text, watcher.asked <= asked_before):
                    watcher.asked = pings
            await asyncio.sleep(0)

    async def ping(self) -> None:
        """Heartbeats: ping the sockets that no position has pinged along; drop those that did not answer the last.

        A process that is late itself drops none until it has pinged all of them again: what it did not get to read is
        not their silence, and a crowd that is dropped comes back, which is no relief under load.
        """
        now = time.monotonic()
        if now - self._asked_at > 2 * PING_SECONDS:
            self._patience = ALONE_ROUNDS + ANSWER_ROUNDS
        self._asked_at, self._patience = now, max(0, self._patience - 1)
        self._pings += 1
        answers, alone = self._pings - ANSWER_ROUNDS, self._pings - ALONE_ROUNDS
        # Each is judged when its time is up, and again before it is asked anew: what came late is no silence.
        due = [
            one
            for crowd in self._watchers.values()
            for one in crowd
            if one.asked == answers or one.asked <= alone
        ]
        for start in range(0, len(due), SLICE):
            for watcher in due[start : start + SLICE]:
                if watcher.asked > answers:
                    continue  # asked along with a position since
                if watcher.wire.silent() and not self._patience:
                    watcher.wire.abort()
                elif watcher.asked <= alone:
                    watcher.asked = self._pings
                    watcher.wire.ping()
            await asyncio.sleep(0)

    # -- presence ----------------------------------------------------------------------------------------------------

    async def mark(self) -> None:
        """Mark everybody connected as present: of SQL this needs nothing while the line stands. Raises Unavailable."""
        crowds = [watchers for watchers in self._watchers.values() if watchers]
        if not crowds:
            await self._presence.reachable()
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

    async def _mark(self, watchers: WatcherSet) -> None:
        """One period's people, and how many sockets they have."""
        uid = next(iter(watchers)).ticket.uid
        bits = watchers.uncalled()
        if bits:
            await self._presence.mark(uid, bits)
        await self.counts.heartbeat(uid)

    def _shed(self) -> None:
        """Load shedding: blind for long while another process sees, it sends a tenth of its people there a second."""
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
            watcher.close(CloseCode.ELSEWHERE)


class WorkTimer:
    """How long a turn works, without what it waits for and without the sending. For `with`, again and again."""

    def __init__(self) -> None:
        self.seconds = self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.thread_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.thread_time() - self._began
