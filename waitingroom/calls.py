"""One period's tick: the beat and the service clock, lapses, calls, and the copy for the line.

From the call onwards SQL is the truth: what a person is told is committed before they are told. Two tickers do no harm,
a ticker that slept does none when it wakes: the period's row asks for the epoch, the pace and the age of the list.
"""

import time
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Stale
from foundation.events import Events
from foundation.heartbeat import ALIVE_SECONDS
from foundation.sql.database import Database
from quota import ledger
from quota.pace import MOST_STEP_MS, due_calls
from quota.states import PeriodState
from quota.store import Period
from waitingroom.draw.entries import Entries
from waitingroom.line.epochs import Epochs
from waitingroom.line.setbacks import is_behind, of_line
from waitingroom.line.snapshot import Snapshot, has
from waitingroom.line.stops import StopMarks
from waitingroom.line.store import Line

SPARE = 16
"""Candidates beyond those due: some may have a row already."""

UNSEEN_MS = round(ALIVE_SECONDS * 1000)
"""So long the last web process may have been dead before its silence says so; that time nobody was served."""


class TickOutcome(NamedTuple):
    """What one tick did."""

    period: Period
    snapshot: Snapshot
    called: list[int]
    lapsed: list[int]


class Calls:
    """Runs the ticks of this process."""

    def __init__(
        self, db: Database, line: Line, epochs: Epochs, entries: Entries, stops: StopMarks, events: Events
    ) -> None:
        self._db, self._line, self._epochs, self._stops = db, line, epochs, stops
        self._entries, self._events = entries, events
        self._silent_since: dict[str, float | None] = {}
        self._owed_ms: dict[str, int] = {}

    async def turn(self, period: Period, served: bool) -> TickOutcome:
        """Tick one period. `served`: a web process is alive; without one the clock stands and nobody is called.

        Raises Unavailable: then nothing moved, or all of it did.
        """
        started = time.monotonic()
        turn = await self._epochs.fenced(period.uid, lambda epoch: self._turn(epoch, period, served))
        self._events.count("calls", len(turn.called))
        self._events.count("lapses", len(turn.lapsed))
        self._events.took("tick", time.monotonic() - started)
        return turn

    async def _turn(self, epoch: int, period: Period, served: bool) -> TickOutcome:
        line, uid = self._line, period.uid
        self._epochs.saw(period)
        # Without a web process nobody can be seen or come back: presence and the hold wait for one too.
        tick = await line.tick(uid, epoch, MOST_STEP_MS if served else 0)
        listed = time.monotonic()
        snapshot = await line.snapshot(uid, epoch)
        if period.seed is not None and snapshot.state.get("drawn") != str(epoch):
            await self._entries.draw(period, epoch)
            listed = time.monotonic()
            snapshot = await line.snapshot(uid, epoch)
        serving = served and tick.beat_ms >= tick.hold_ms
        delta_ms = self._clocked(uid, served, tick.delta_ms if serving else 0)
        due, _ = due_calls(period.clock + delta_ms, period.next_call, period.calls_per_minute)
        calling = serving and due > 0 and period.state == PeriodState.OPEN
        if calling:  # a stop that SQL has not heard of yet (ADR 0023)
            calling = not await self._stops.stands_now(period.id)
        candidates = snapshot.next(due + SPARE) if calling else []

        seen = of_line(True, snapshot.seq, snapshot.state, snapshot.gone)

        async def step(conn: AsyncConnection) -> tuple[Period, ledger.CallOutcome, list[int], list[int]]:
            # Nobody is called by books that came back from a copy: whoever they have forgotten would be passed over.
            if is_behind(await ledger.lock(conn, uid), seen):
                raise Stale
            now = await ledger.tick(conn, uid, epoch=epoch, delta_ms=delta_ms, ticked_at=tick.now_ms)
            lapsed = await ledger.lapse(conn, now)
            called = ledger.CallOutcome([], [])
            if candidates:
                called = await ledger.call(
                    conn,
                    uid,
                    epoch=epoch,
                    candidates=candidates,
                    passed_over=snapshot.passed_over(candidates[-1]),
                    listed_at=snapshot.taken_at,
                    age_ms=round((time.monotonic() - listed) * 1000),
                )
            return await ledger.lock(conn, uid), called, lapsed, await ledger.live_numbers(conn, uid)

        after, called, lapsed, live = await self._db.write(step)
        # Not only those called now: the line also hears of those called while it could not be told, when
        # calls have ended too.
        if gone := called.gone + [number for number in live if not has(snapshot.gone, number)]:
            await line.gone(uid, epoch, gone)
        await self._epochs.tell(after)
        return TickOutcome(after, snapshot, called.numbers, lapsed)

    def _clocked(self, uid: str, served: bool, delta_ms: int) -> int:
        """What this tick adds to the service clock (P5): its time, less what was added before a silence was noticed.

        No more is given back than the silence lasted from then on: on a machine so busy that heartbeats come late the
        clock still moves.
        """
        since = self._silent_since.get(uid)
        if not served and uid in self._silent_since:
            self._silent_since[uid] = time.monotonic() if since is None else since
        elif served:
            if since is not None:
                self._owed_ms[uid] = min(UNSEEN_MS, round((time.monotonic() - since) * 1000))
            self._silent_since[uid] = None
        back_ms = min(delta_ms, self._owed_ms.get(uid, 0))
        if back_ms:
            self._owed_ms[uid] -= back_ms
        return delta_ms - back_ms
