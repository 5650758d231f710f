"""Where losses are played: stores that can be taken away, the service on them, and the hands that take.

A `Loss` is a row of the table; `stage` starts what it needs; a `Scene` is that with a crowd inside.
"""

import contextlib
import os
import signal
import struct
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest import mock

import msgspec
import redis.asyncio
import sqlalchemy as sa

from config.processes.embedded import Valkey
from config.settings import default_of
from foundation.sql.database import Database
from quota import ledger, store
from quota.store import Period
from tests.support.people.crowds import PERIOD, Crowd, CrowdPerson
from tests.support.processes.fleets import FleetServer as Node
from tests.support.processes.fleets import Guarded, Shard, cluster, cluster_url, guarded, shard
from tests.support.processes.postgres import FORGETFUL, PostgresServer
from tests.support.processes.services import RunningService, running, until


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a scene is. Of those called first, one in five lets the token lapse, `silent` in all.

    After the loss the pace is `hurry` calls a minute, so that the end comes soon. A Redis that is silent for
    `down_after_ms` is down to those that watch over it.
    """

    people: int
    cap: int
    calls_per_minute: int
    hurry: int
    token_seconds: int
    silent: int
    hold_seconds: float
    before: int
    short: float
    long: float
    down_after_ms: int

    @property
    def accounts(self) -> int:
        return self.cap * 2 + 20


LARGE = Size(
    people=5000, cap=240, calls_per_minute=480, hurry=600, token_seconds=45, silent=20,
    hold_seconds=default_of("HOLD_SECONDS"), before=40,
    short=10.0, long=60.0, down_after_ms=5000,
)  # fmt: skip

SMALL = Size(
    people=80, cap=60, calls_per_minute=90, hurry=1200, token_seconds=30, silent=0, hold_seconds=1.0, before=2,
    short=1.5, long=3.0, down_after_ms=400,
)  # fmt: skip


EVERYBODY_BACK = 45.0
"""A browser comes back within 1 s doubling to 30 s; a busy machine takes its time for 5,000 handshakes."""


class Scene:
    """A running service with a crowd inside, and the hands that take things away from it."""

    def __init__(self, on: "LossStage", crowd: Crowd, size: Size) -> None:
        self.service, self.on, self.crowd, self.size = on.service, on, crowd, size
        self.books = Database(on.service.database_url)
        self.marks: list[tuple[float, str]] = []
        self.notes: dict[str, Any] = {}

    def mark(self, what: str) -> float:
        """Write down that something was lost, or is back, now."""
        now = time.monotonic()
        self.marks.append((now, what))
        return now

    async def period(self) -> Period:
        return await self.books.read(lambda conn: ledger.period_by_id(conn, "demo"))

    async def calls(self) -> int:
        """How many calls the ledger has."""
        count = sa.select(sa.func.count()).select_from(store.call)
        return int((await self.books.read(lambda conn: conn.execute(count))).scalar_one())

    async def flush(self) -> None:
        client = redis.asyncio.Redis.from_url(self.service.redis_url)
        await client.flushall()
        await client.aclose()

    def signal(self, kind: str, sign: signal.Signals, which: int = 0) -> int:
        return self.service.kill(kind, which, sign)

    def set_clock(self, shift_ns: int) -> None:
        assert self.on.shift is not None
        with self.on.shift.open("r+b") as file:
            file.write(struct.pack("q", shift_ns))

    async def next_call(self) -> None:
        """Return in the moment in which the ledger has one more call."""
        before = await self.calls()
        await until(lambda: self._more(before), 60, "somebody is called", every=0.005)

    async def _more(self, before: int) -> bool:
        return await self.calls() > before or await self.all_held()

    async def all_held(self) -> bool:
        """Whether every place is held: then nobody is called until somebody gives one back."""
        return (await self.period()).held >= self.size.cap

    async def called_in_all(self) -> int:
        """How many people were called so far, by the ledger."""
        count = sa.select(sa.func.count()).where(store.token.c.call.is_not(None))
        return int((await self.books.read(lambda conn: conn.execute(count))).scalar_one())

    async def gets_a_number(self) -> bool:
        """Whether somebody who asks once is given a number."""
        answer = await self.crowd.ask("join", "POST", f"{PERIOD}/tickets", CrowdPerson())
        return answer is not None and answer.status == 201

    def closed_since(self, since: float) -> Counter[int]:
        """The feeds that were closed before their end, by their codes."""
        return Counter(
            code for one in self.crowd.people for at, code in one.codes if at > since and code != 1000
        )

    async def called_again(self, since: float, seconds: float = 120.0) -> None:
        """Return when people hear of calls that were made after `since`, two at least."""

        async def more() -> bool:
            return sum(at > since for at, _ in self.crowd.called[-50:]) >= 2 or await self.all_held()

        await until(more, seconds, "calls go on")

    async def together(self, seconds: float = EVERYBODY_BACK) -> None:
        """Return when everybody who holds a feed holds one again."""

        async def back() -> bool:
            return not any(
                one.wire is None or not one.wire.frames
                for one in self.crowd.people
                if one.number and not one.polls and not one.done and not one.away
            )

        await until(back, seconds, "everybody is back", every=0.2)


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table: what is lost, on which stores, and whose clock is wrong."""

    name: str
    lose: Callable[[Scene], Awaitable[None]]
    redis: Literal["one", "sentinels", "cluster"] = "one"
    postgresql: bool = False
    clock_of: str = ""


class LossStage(NamedTuple):
    """The service, and the stores below it: what a loss does not touch is None.

    `fleet` are the two servers of which one takes over from the other.
    """

    service: RunningService
    valkey: Valkey | None
    fleet: Guarded | Shard | None
    postgres: PostgresServer | None
    shift: Path | None


@contextlib.contextmanager
def stage(loss: Loss, size: Size, environment: dict[str, str] | None = None) -> Iterator[LossStage]:
    """Stores of our own that can be taken away, and the service on them."""
    folder = Path(tempfile.mkdtemp(prefix="gt-losses-"))
    environ = {"HOLD_SECONDS": f"{size.hold_seconds:g}"} | (environment or {})
    with contextlib.ExitStack() as stack:
        stack.callback(subprocess.run, ["rm", "-rf", str(folder)], check=True)
        shift = postgres = valkey = None
        fleet: Guarded | Shard | None = None
        if loss.clock_of:
            shift = folder / "shift"
            environ |= wrong_clock(folder, shift, loss.clock_of)
        if loss.postgresql:
            postgres = PostgresServer(*FORGETFUL)
            stack.callback(postgres.remove)
            postgres.start()
            environ["DATABASE_URL"] = postgres.url
        nodes: list[Node] = []
        if loss.redis == "sentinels":
            fleet = stack.enter_context(guarded(size.down_after_ms))
            environ["REDIS_URL"] = fleet.url
        else:
            valkey = Valkey(folder / "valkey")
            with mock.patch.dict(os.environ, environ):
                valkey.start(deadline_seconds=60)
            stack.callback(valkey.stop)
            environ["REDIS_URL"] = valkey.url
        if loss.redis == "cluster":  # which RQ does not run on
            nodes = stack.enter_context(cluster(down_after_ms=size.down_after_ms))
            environ |= {"REDIS_URL": cluster_url(nodes), "QUEUE_REDIS_URL": environ["REDIS_URL"]}
        options = {
            "--web": 2,
            "--cap": size.cap,
            "--accounts": size.accounts,
            "--calls-per-minute": size.calls_per_minute,
            "--token-seconds": size.token_seconds,
        }
        words = [str(word) for option in options.items() for word in option]
        service = stack.enter_context(running(folder / "data", *words, environment=environ))
        if nodes:
            fleet = stack.enter_context(shard(nodes, size.down_after_ms))
        yield LossStage(service, valkey, fleet, postgres, shift)


def wrong_clock(folder: Path, shift: Path, word: str) -> dict[str, str]:
    """What to preload so that processes with this word in their command have the clock that `shift` says."""
    library = folder / "shifted_clock.so"
    source = Path(__file__).parents[1] / "shifted_clock.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    shift.write_bytes(struct.pack("q", 0))
    return {"LD_PRELOAD": str(library), "SHIFT_WORD": word, "SHIFT_FILE": str(shift)}
