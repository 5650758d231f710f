"""The ticker: a loop without decisions. Each thing it does is a function elsewhere, safe to do twice.

One or more may run; a store that is away is waited for, and then time was simply not served.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from accounts.attempts import failures
from accounts.invitations import inviting
from accounts.recovery import asking
from accounts.registration import registering
from accounts.representatives.register import daily
from casework.payments.card.reconciliation import daily as card_days
from config.effects import BATCHED
from config.processes.metrics_endpoint import expose
from config.processes.worker import ENTRY
from config.settings import Settings
from config.stores import open_database, open_queue, open_redis
from evidence import figures
from evidence.figures import figure_of
from foundation import audit, outbox
from foundation.aside import retrying
from foundation.clock import now_ms
from foundation.doorbell import QUEUE_SECONDS, Doorbell
from foundation.errors import Unavailable
from foundation.events import Events
from foundation.heartbeat import Heartbeat
from foundation.loops.ending import end
from foundation.metrics import Metrics
from foundation.sql.database import Database
from foundation.sql.tables import insert_for
from quota import store
from quota.moves import schedule
from quota.states import ENDED, PeriodState
from quota.store import Period, period_of
from waitingroom.calls import TickOutcome
from waitingroom.line import journal, stops
from waitingroom.line.store import Line
from waitingroom.parts import WaitingRoom, build
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens

log = structlog.get_logger()

BEAT_SECONDS = 2.0

FIGURE_MS = 2_000

BACKLOG_SECONDS = 5.0
"""Between two counts of the tasks that wait: they read an index, and the queue's Redis."""

LEAVES_SECONDS = 1.0

JOURNAL_SECONDS = 1.0

COMPARE_SECONDS = 5.0
"""How often SQL is held against what the line remembers of it, beside each tick's own look at the row."""

RING_SECONDS = 1.0

CHECKPOINT_SECONDS = 10.0

SWEEP_SECONDS = 600.0

FAILURES_SECONDS = 30.0
"""How often counts of failed sign-ins go on the record: their minute is over half a minute before, at most."""

SETTLED_MS = 600_000
"""A period that ended this long ago, with no token live, has nothing left to copy."""


class Ticker:
    """One process's loop over all periods."""

    def __init__(
        self,
        db: Database,
        room: WaitingRoom,
        bell: Doorbell,
        pulse: Heartbeat,
        tick_seconds: float,
        events: Events | None = None,
    ) -> None:
        self._db, self._room, self._bell, self._pulse = db, room, bell, pulse
        self._tick_seconds, self._events = tick_seconds, events or Events()
        self._due: dict[str, float] = {}
        self._copied: dict[str, int] = {}

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            started = time.monotonic()
            await self._safely("tick", self.tick)
            await asyncio.sleep(max(0.01, self._tick_seconds - (time.monotonic() - started)))

    async def tick(self) -> None:
        """Everything that is due now; one thing that fails does not stop the others."""
        await self._every(BEAT_SECONDS, "beat", self._pulse.beat)
        await self._safely("stops", lambda: stops.carry_over(self._db, self._room.stops))
        await self._safely("schedule", self._schedule)
        for period in await self._db.read(lambda conn: _running(conn, now_ms())):
            await self._safely("turn", lambda period=period: self._turn(period))  # type: ignore[misc]
        await self._every(RING_SECONDS, "ring", self._bell.ring_due)
        await self._every(BACKLOG_SECONDS, "backlog", self._backlog)
        await self._every(CHECKPOINT_SECONDS, "checkpoint", self._db.checkpoint)
        await self._every(SWEEP_SECONDS, "sweep", self._sweep)
        await self._every(FAILURES_SECONDS, "failures", self._flush_failures)
        await self._every(SWEEP_SECONDS, "register", self._stage_register_check)
        await self._every(SWEEP_SECONDS, "card days", self._stage_card_days)

    async def _schedule(self) -> None:
        # Both clocks must have got there: neither host alone opens or closes early (P10).
        now = min(now_ms(), await self._room.line.time())
        for period in await self._db.read(lambda conn: schedule.to_freeze(conn, now)):
            await self._safely("freeze", lambda period=period: self._room.entries.freeze(period))  # type: ignore[misc]
        await schedule.open_due(self._db, now)

    async def _turn(self, period: Period) -> None:
        await self._every(
            COMPARE_SECONDS, f"compare {period.uid}", lambda: self._room.epochs.compare(period.uid)
        )
        if period.state in (PeriodState.ARMED, PeriodState.OPEN) or period.live_tokens:
            turn = await self._room.calls.turn(period, self._pulse.alive("web"))
            await self._figure(turn)
        elif self._copied.get(period.uid) != period.version:
            await self._room.epochs.fenced(period.uid, lambda _epoch: self._room.epochs.tell(period))
            self._copied[period.uid] = period.version
        await self._every(LEAVES_SECONDS, f"leaves {period.uid}", lambda: self._room.leaves.tell(period.uid))
        await self._every(JOURNAL_SECONDS, f"journal {period.uid}", lambda: self._journal(period.uid))

    async def _journal(self, uid: str) -> None:
        await journal.copy(self._db, self._room.line, uid)

    async def _figure(self, turn: TickOutcome) -> None:
        """A row for the graphs, one every two seconds whoever writes it."""
        at = turn.snapshot.taken_at // FIGURE_MS * FIGURE_MS
        if self._due.get(f"figure {turn.period.uid}") == at or turn.period.state == PeriodState.ARMED:
            return
        self._due[f"figure {turn.period.uid}"] = at
        self._show(turn)
        # It sums up the whole day, so that is not done in the turn to write.
        row = await self._db.read(lambda conn: figure_of(conn, turn, at))
        await self._db.write(
            lambda conn: conn.execute(insert_for(conn, figures.figure).values(row).on_conflict_do_nothing())
        )

    def _show(self, turn: TickOutcome) -> None:
        """Where the line and the quota of a period stand, for the figures. `id` is the operators' word for it."""
        events, id, period = self._events, turn.period.id, turn.period
        events.level("period_waiting", turn.snapshot.waiting, period=id)
        events.level("period_parked", turn.snapshot.parked_count, period=id)
        events.level("period_held", period.held, period=id)
        events.level("period_live_tokens", period.live_tokens, period=id)
        events.level("period_accepted", period.accepted, period=id)
        events.level("period_cap", period.cap, period=id)

    async def _backlog(self) -> None:
        """How far workers are behind. A queue that does not answer shows the last figure."""
        found = await self._db.read(lambda conn: outbox.backlog(conn, now_ms()))
        self._events.level("tasks_due", found.due)
        self._events.level("tasks_overdue_seconds", found.overdue_ms / 1000)
        self._events.level("tasks_set_aside", found.set_aside)
        mails = await self._db.read(retrying.mails_aside)
        self._events.level("mails_set_aside", len(mails))
        rings = await self._bell.unanswered()
        if rings is not None:
            self._events.level("queue_rings", rings)

    async def _flush_failures(self) -> None:
        await self._db.write(lambda conn: failures.flush(conn, now_ms()))

    async def _stage_register_check(self) -> None:
        await self._db.write(lambda conn: daily.stage_daily(conn, now_ms()))

    async def _stage_card_days(self) -> None:
        await self._db.write(lambda conn: card_days.stage_daily(conn, now_ms()))

    async def _sweep(self) -> None:
        await sweep(self._db, now_ms())

    async def _every(self, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        now = time.monotonic()
        if now >= self._due.get(name, 0.0):
            self._due[name] = now + seconds
            await self._safely(name, work)

    async def _safely(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Unavailable as problem:
            log.warning("ticker_waits", step=name.split()[0], store=problem.fields["store"])
        except Exception:
            log.exception("ticker_step_failed", step=name.split()[0])


async def sweep(db: Database, now: int) -> None:
    """Forget what nobody needs any more: sessions and budgets, and who looked at what a month ago."""
    await db.write(lambda conn: sessions.sweep(conn, now))
    await db.write(lambda conn: asking.sweep(conn, now))
    await db.write(lambda conn: registering.sweep(conn, now))
    await db.write(lambda conn: inviting.sweep(conn, now))
    while await db.write(lambda conn: audit.forget_looks(conn, now)) == audit.LOOKS_AT_ONCE:
        pass


async def _running(conn: AsyncConnection, now: int) -> list[Period]:
    p = store.period
    ended_lately = sa.and_(
        p.c.state.in_(ENDED), sa.func.coalesce(p.c.annulled_at, p.c.ended_at) > now - SETTLED_MS
    )
    where = sa.or_(
        p.c.state.in_((PeriodState.ARMED, PeriodState.OPEN)), p.c.held > p.c.accepted, ended_lately
    )
    running = sa.select(p).where(where).order_by(p.c.opens_at, p.c.uid)
    return [period_of(row) for row in await conn.execute(running)]


async def run(settings: Settings, events: Metrics) -> None:
    """Open the stores, tick until SIGTERM or SIGINT, close them."""
    db, redis = open_database(settings), open_redis(settings.redis_url)
    tokens = Tokens(settings.secret_keys, settings.public_url)
    room = build(
        db, Line(redis), Tickets(settings.secret_keys), tokens, events, hold_seconds=settings.hold_seconds
    )
    pulse = Heartbeat(db, "ticker")
    bell = Doorbell(db, open_queue(settings.queue_redis_url, QUEUE_SECONDS), ENTRY, events, BATCHED)
    ticker = Ticker(db, room, bell, pulse, settings.tick_seconds, events)
    endpoint = expose(settings, events, lambda: events.level("ticker_age_seconds", pulse.age("ticker")))
    loop, told = asyncio.create_task(ticker.run()), asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, told.set)
    waiting = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({loop, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if loop.done():  # it never ends by itself, but by a fault
            loop.result()
        log.info("ticker_stops")
    finally:
        await end(loop, waiting)
        try:
            await pulse.stop()
        except Unavailable:
            log.warning("ticker_waits", step="stop", store="sql")
        if endpoint is not None:
            endpoint.close()
        bell.close()
        await redis.aclose()
        await db.close()
