"""Rooms for tests: a period's row, a room on real stores, and a caller that ticks when told."""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from config.stores import open_redis
from foundation.clock import now_ms
from foundation.events import Events
from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database
from quota import ledger, store
from quota.store import Period
from waitingroom.calls import TickOutcome
from waitingroom.feed.endpoint import LiveFeed
from waitingroom.feed.feed import Feed
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.joins.endpoint import JoinEndpoint
from waitingroom.joins.joins import Joined
from waitingroom.line.snapshot import Snapshot
from waitingroom.line.store import Line
from waitingroom.parts import WaitingRoom, build
from waitingroom.period_summary import summary
from waitingroom.tickets import Tickets
from waitingroom.tokens import Tokens

KEYS = ("a key that signs in tests and is long enough",)

HOUR_MS = 3_600_000


async def make_period(db: Database, **values: Any) -> Period:
    """An open period in SQL, with these values."""
    now = now_ms()
    row = {
        "uid": secrets.token_hex(8),
        "id": "essai",
        "programme": "demo",
        "ordinal": 1,
        "state": "open",
        "opens_at": now - HOUR_MS,
        "closes_at": now + HOUR_MS,
        "cap": 50,
        "calls_per_minute": 6000,
        "most_live_tokens": 100,
        "token_seconds": 600,
        "person_key": f"{store.PERSON_KEY_MARK}a key for persons",
    } | values
    await db.write(lambda conn: conn.execute(sa.insert(store.period).values(row)))
    return await db.read(lambda conn: ledger.period_by_id(conn, str(row["id"])))


async def set_period(db: Database, period: Period, **values: Any) -> None:
    await db.write(lambda conn: ledger.update(conn, period.uid, **values))


async def read_period(db: Database, period: Period) -> Period:
    return await db.read(lambda conn: ledger.period_by_id(conn, period.id))


async def rows_of(db: Database, period: Period) -> dict[int, str]:
    """The state of every number that has a row."""
    t = store.token
    found = await db.read(
        lambda conn: conn.execute(sa.select(t.c.number, t.c.state).where(t.c.period == period.uid))
    )
    return {row.number: row.state for row in found}


class Hall:
    """A room and its ticker on real stores, stepped by hand."""

    def __init__(self, db: Database, redis: "Redis", hold_ms: int = 0) -> None:
        self.db, self.redis, self.events = db, redis, Events()
        self.hold_ms = hold_ms
        self.room = self.built(db)

    def built(self, db: Database) -> WaitingRoom:
        """The parts as a process has them, on this store and the same Redis."""
        tokens = Tokens(KEYS, "http://guichet.test")
        return build(
            db, Line(self.redis), Tickets(KEYS), tokens, self.events, hold_seconds=self.hold_ms / 1000
        )

    def feed(self, pulse: Heartbeat | None = None) -> Feed:
        """A feed of its own on these parts, as another process would have it."""
        room, pulse = self.room, pulse or Heartbeat(self.db, "web")
        return Feed(
            periods=room.periods, looks=room.looks, presence=room.presence, positions=room.positions,
            counts=SocketCounts(room.line, pulse.process), pulse=pulse, events=self.events,
        )  # fmt: skip

    def live(self, feed: Feed) -> LiveFeed:
        """The application of sockets on this feed."""
        return LiveFeed(self.room.periods, self.room.tickets, self.room.positions, feed.counts, feed)

    def endpoint(self) -> JoinEndpoint:
        """The handlers of joins on these parts."""
        room = self.room
        return JoinEndpoint(
            periods=room.periods, looks=room.looks, tickets=room.tickets, rules=room.rules, numbers=room.numbers,
            joins=room.joins, positions=room.positions, devices={}, secure=False,
        )  # fmt: skip

    def on(self, db: Database) -> None:
        """From here on these parts read and write this store, with all that they know."""
        for part in self.room:
            if hasattr(part, "_db"):
                part._db = db

    def summary(self, period: Period) -> dict[str, object]:
        """The period as the contract shows it now."""
        return summary(period, self.room.looks.last(period.uid), now_ms())

    async def period(self, id: str = "essai") -> Period:
        await self.room.periods.refresh()
        return await self.room.periods.find(id)

    async def join(self, visitor: str | None = None, **known: Any) -> Joined:
        """Join as a browser known by this visitor hash; without one, as a new browser."""
        return await self.room.joins.join(
            await self.period(), known.get("ticket"), known.get("key"), visitor or secrets.token_hex(16)
        )

    async def turn(self, served: bool = True) -> TickOutcome:
        """One tick by the row as it stands."""
        period = await self.period()
        return await self.room.calls.turn(period, served)

    async def look(self) -> Snapshot:
        period = await self.period()
        return await self.room.epochs.fenced(
            period.uid, lambda epoch: self.room.line.snapshot(period.uid, epoch)
        )

    async def absent(self, *numbers: int) -> None:
        """Make these numbers look as if nobody had seen them for a minute."""
        uid = (await self.period()).uid
        for slot in range(8):
            for number in numbers:
                await self.redis.setbit(f"wr1:{{{uid}}}:present:{slot}", number, 0)

    async def advance(self, milliseconds: int) -> None:
        """Let the service clock run ahead, as if the room had served this long."""
        period = await self.period()
        await set_period(self.db, period, clock=period.clock + milliseconds)


class RecordingWire:
    """The other end of a socket, as far as the feed can tell: what it heard, and whether it is still there."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.waits = self.pings = self.alone = 0
        self.ended: list[int] = []
        self.answers, self.cut = True, False

    @property
    def last(self) -> dict[str, Any]:
        return self.heard[-1]

    def push(self, text: bytes, asking: bool = False) -> bool:
        self.heard.append(msgspec.json.decode(text))
        self.pings += asking
        return asking

    def unsent(self) -> int:
        return self.waits

    def ping(self) -> None:
        self.pings += 1
        self.alone += 1

    def silent(self) -> bool:
        return self.pings > 0 and not self.answers

    def end(self, code: int) -> None:
        self.ended.append(code)

    def abort(self) -> None:
        self.cut = True


def shift_clock(monkeypatch: pytest.MonkeyPatch, by_ms: int) -> None:
    """This host's clock is wrong by so much, wherever the waiting room reads it."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("waitingroom.", "quota.moves")) and hasattr(module, "now_ms"):
            monkeypatch.setattr(module, "now_ms", lambda: time.time_ns() // 1_000_000 + by_ms)


@asynccontextmanager
async def hall(db: Database, redis_url: str, hold_ms: int = 0) -> AsyncIterator[Hall]:
    redis = open_redis(redis_url)
    try:
        yield Hall(db, redis, hold_ms)
    finally:
        await redis.aclose()
        # What a test has left under way would connect once more, and nobody would close that.
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=0.2)
            await redis.aclose()


def builtins(value: object) -> Any:
    return msgspec.to_builtins(value)
