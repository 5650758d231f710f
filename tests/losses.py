"""Losing things with a crowd inside: the whole service, thousands of people, one loss, and the recount.

`LOSSES` is the table. `prove` runs one of them: people join, hold their feeds and are called; something is lost and
comes back; the line goes on to the cap; then everything is recounted from what people were told and from the books.

    python -m tests.losses [--people 5000] [--into docs] [NAME ...]

runs them one after the other and writes what each took to `losses.json`, from which the page and the picture are made.
"""

import argparse
import asyncio
import contextlib
import functools
import itertools
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import redis.asyncio
import sqlalchemy as sa
import uvloop

from config.embedded import Valkey
from quota import ledger, store
from quota.store import Database, Period
from submission.store import job, submission
from tests import crowd_checks as checks
from tests.crowds import PERIOD, Crowd, Person, Seen, crowd_of, everybody
from tests.postgres import FAST, FORGETFUL, IMMEDIATE, Server
from tests.services import Browser, Service, running, until, verify


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a scene is. Of those called first, one in five lets the token lapse, `silent` in all.

    After the loss the pace is `hurry` calls a minute, so that the end comes soon.
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

    @property
    def accounts(self) -> int:
        return self.cap * 2 + 20


LARGE = Size(
    people=5000, cap=240, calls_per_minute=480, hurry=600, token_seconds=45, silent=20, hold_seconds=35.0, before=40,
    short=10.0, long=60.0,
)  # fmt: skip
SMALL = Size(
    people=80, cap=60, calls_per_minute=90, hurry=1200, token_seconds=30, silent=0, hold_seconds=1.0, before=2,
    short=1.5, long=3.0,
)  # fmt: skip

HOUR_NS = 3_600_000_000_000
GONE_SECONDS = 60.0
EVERYBODY_BACK = 45.0
"""A browser comes back within 1 s doubling to 30 s; a busy machine takes its time for 5,000 handshakes."""


class Scene:
    """A running service with a crowd inside, and the hands that take things away from it."""

    def __init__(
        self, service: Service, valkey: Valkey, postgres: Server | None, crowd: Crowd, size: Size
    ) -> None:
        self.service, self.valkey, self.postgres, self.crowd, self.size = (
            service,
            valkey,
            postgres,
            crowd,
            size,
        )
        self.books = Database(service.database_url)
        self.marks: list[tuple[float, str]] = []
        self.shift: Path | None = None
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
        assert self.shift is not None
        with self.shift.open("r+b") as file:
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
        answer = await self.crowd.ask("join", "POST", f"{PERIOD}/tickets", Person())
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


# -- the losses ------------------------------------------------------------------------------------------------------


async def flushall(scene: Scene) -> None:
    lost = scene.mark("FLUSHALL")
    await scene.flush()
    await scene.called_again(lost + scene.size.hold_seconds / 2)
    scene.mark("calls go on")


async def flushall_at_a_call(scene: Scene) -> None:
    await scene.next_call()
    await flushall(scene)


async def flushall_without_ticker(scene: Scene) -> None:
    scene.mark("ticker stopped")
    pid = scene.signal("ticker", signal.SIGSTOP)
    try:
        await asyncio.sleep(scene.size.short / 2)
        scene.mark("FLUSHALL")
        await scene.flush()
        await asyncio.sleep(scene.size.long / 2)
    finally:
        os.kill(pid, signal.SIGCONT)
    lost = scene.mark("ticker goes on")
    await scene.called_again(lost + scene.size.hold_seconds / 2)
    scene.mark("calls go on")


async def redis_gone(scene: Scene) -> None:
    """Nobody gets a number, nobody loses one; the clock stands, the last position is told with its age."""
    crowd, long = scene.crowd, scene.size.long
    lost = scene.mark("Valkey gone")
    scene.valkey.kill()
    await asyncio.sleep(min(3.0, long / 2))
    clock = (await scene.period()).clock
    began = time.monotonic()
    asker, waiter = Person(), next(one for one in reversed(crowd.people) if one.state == "waiting")
    shown = Counter[str]()
    while time.monotonic() - began < max(1.0, long - 3.0):
        answer = await crowd.ask("join while Redis is gone", "POST", f"{PERIOD}/tickets", asker)
        assert answer is not None and answer.status == 503, answer
        assert int(answer.headers["retry-after"]) > 0
        where = await crowd.ask("me while Redis is gone", "GET", f"{PERIOD}/tickets/me", waiter)
        shown[str(where.status if where else 0)] += 1
        page = await crowd.ask("page while Redis is gone", "GET", "/periodes/demo", waiter)
        assert page is not None and page.status in (200, 503), page
        assert str(waiter.number) in page.body.decode().replace("\u00a0", ""), "the page keeps the number"
        await asyncio.sleep(0.5)
    assert shown["200"] > 0 and set(shown) <= {"200", "503"}, shown
    assert (await scene.period()).clock == clock, "the service clock stands while Redis is gone"
    assert not scene.closed_since(lost), "no feed was closed"
    old = [one for one in crowd.people if one.state == "waiting" and not one.polls]
    oldest = min(one.heard_at - one.last_waiting for one in old)
    scene.notes["age shown after the loss, at least"] = round(oldest, 1)
    assert oldest > min(5.0, long / 2) or long < 15, "frames say how old they are"
    await asyncio.to_thread(scene.valkey.start)
    back = scene.mark("Valkey back")
    await scene.called_again(back)
    scene.mark("calls go on")
    assert not scene.closed_since(lost), "no feed was closed"


async def yesterdays_file(scene: Scene) -> None:
    """It comes back with a file that knows neither the last people who joined nor the last who were called."""
    crowd, data = scene.crowd, scene.valkey.data
    old = data.parent / "old"
    before = scene.mark("the file is copied")
    await asyncio.to_thread(shutil.copytree, data, old, ignore=shutil.ignore_patterns("*.sock"))
    newcomers = [Person() for _ in range(max(5, scene.size.people // 10))]
    await everybody(crowd, newcomers)
    for one in newcomers:
        crowd.start(crowd.stay(one))
    await scene.called_again(before)
    lost = scene.mark("Valkey killed")
    scene.valkey.kill()
    await asyncio.to_thread(shutil.rmtree, data)
    await asyncio.to_thread(shutil.copytree, old, data)
    await asyncio.to_thread(scene.valkey.start)
    back = scene.mark("Valkey back with the old file")
    await scene.called_again(back + scene.size.hold_seconds / 2)
    scene.mark("calls go on")
    assert not scene.closed_since(lost), "no feed was closed"


async def flushall_while_some_are_away(scene: Scene) -> None:
    """The first and the last of those who wait have no network for 3 s; newcomers ask in the same moment."""
    crowd = scene.crowd
    waiting = sorted(
        (one for one in crowd.people if one.state == "waiting" and one.wire), key=lambda one: one.number
    )
    for one in (*waiting[:5], *waiting[-5:]):
        crowd.cut(one, 3.0)
    await asyncio.sleep(0.2)
    lost = scene.mark("FLUSHALL")
    await scene.flush()
    newcomers = [Person() for _ in range(20)]
    await everybody(crowd, newcomers)
    for one in newcomers:
        crowd.start(crowd.stay(one))
    await asyncio.sleep(5.0)
    await scene.called_again(lost + scene.size.hold_seconds / 2, seconds=25)
    await asyncio.sleep(checks.SLACK_SECONDS + 3.0)  # so long that whoever is passed is seen to wait


async def web_killed(scene: Scene) -> None:
    for which in (0, 1):
        lost = scene.mark(f"web {which + 1} killed")
        scene.signal("web", signal.SIGKILL, which)
        await asyncio.sleep(scene.size.short / 2)
        await scene.together()
        scene.mark("everybody is back")
        await scene.called_again(lost)


async def rolling_restart(scene: Scene) -> None:
    kinds = {"web": 2, "ticker": 1, "worker": 1}
    before = {pid for kind in kinds for pid in scene.service.pids(kind)}
    lost = scene.mark("rolling restart")
    scene.service.process.send_signal(signal.SIGUSR1)

    async def all_new() -> bool:
        now = {kind: scene.service.pids(kind) for kind in kinds}
        return not before & {pid for pids in now.values() for pid in pids} and kinds == {
            kind: len(pids) for kind, pids in now.items()
        }

    await until(all_new, 150, "every process is a new one", every=0.1)
    scene.mark("every process is a new one")
    await scene.together()
    scene.mark("everybody is back")
    await scene.called_again(lost)
    codes = Counter(
        code for one in scene.crowd.people for at, code in one.codes if at > lost and code != 1000
    )
    assert set(codes) <= {1012}, f"feeds end with 1012 and nothing else: {codes}"
    assert scene.crowd.refused_connections == 0, "nobody was refused a connection"
    scene.notes["feeds closed with 1012"] = codes[1012]


async def ticker_killed(scene: Scene) -> None:
    """Each time in the instant after a commit: the ledger has the call, the line was perhaps not told of it."""
    for _ in range(4):
        await scene.next_call()
        lost = scene.mark("ticker killed")
        pid = scene.signal("ticker", signal.SIGKILL)
        await until(lambda pid=pid: another(scene, pid), 20, "another ticker runs")  # type: ignore[misc]
    await scene.called_again(lost)
    scene.mark("calls go on")


async def another(scene: Scene, pid: int) -> bool:
    return bool(set(scene.service.pids("ticker")) - {pid})


async def ticker_paused(scene: Scene) -> None:
    pid = scene.signal("ticker", signal.SIGSTOP)
    scene.mark("ticker stopped")
    clock = None
    try:
        await asyncio.sleep(min(2.0, scene.size.long / 4))
        clock = (await scene.period()).clock
        await asyncio.sleep(scene.size.long / 2)
        assert (await scene.period()).clock == clock, "the service clock stands while no ticker runs"
    finally:
        os.kill(pid, signal.SIGCONT)
    back = scene.mark("ticker goes on")
    await scene.called_again(back)
    served, passed = (await scene.period()).clock - clock, time.monotonic() - back
    assert served < passed * 1000 + 3_500, (
        f"the clock does not make up for the pause: {served} ms in {passed:.1f} s"
    )


async def two_tickers(scene: Scene) -> None:
    """A second one beside the first: the pace stays what it was."""
    environ = os.environ | {
        "DATABASE_URL": scene.service.database_url,
        "REDIS_URL": scene.service.redis_url,
        "SECRET_KEYS": (scene.service.data / "secret_key").read_text(),
        "HOLD_SECONDS": f"{scene.size.hold_seconds:g}",
        "DEMO": "yes",
    }
    scene.mark("a second ticker")
    with (scene.service.data / "second.log").open("wb") as output:
        second = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "config", "ticker", env=environ, stdout=output, stderr=output
        )
    try:
        before = await scene.called_in_all()
        began = (await scene.period()).clock
        await asyncio.sleep(scene.size.short * 1.5)
        served = (await scene.period()).clock - began
        due = served * scene.size.calls_per_minute / 60_000
        called = await scene.called_in_all() - before
        assert called <= due + 2.5 * scene.size.calls_per_minute / 60 + 1, (called, due)
        assert second.returncode is None, "the second ticker runs"
    finally:
        second.kill()
        await second.wait()
    lost = scene.mark("one ticker again")
    await scene.called_again(lost)


async def clock_steps(scene: Scene) -> None:
    """An hour ahead, then an hour behind, then right again; joins go on all the time."""
    for hours in (1, -1, 0):
        stepped = scene.mark(f"clock {hours:+d} h" if hours else "clock right again")
        scene.set_clock(hours * HOUR_NS)
        clock = (await scene.period()).clock
        await asyncio.sleep(scene.size.short / 2)
        assert (await scene.period()).clock - clock < scene.size.short * 500 + 6_000, (
            "no hour was served in a moment"
        )
        await scene.called_again(stepped)
        assert await scene.gets_a_number(), "the room gives numbers"


def postgres_restarted(how: signal.Signals) -> Callable[[Scene], Awaitable[None]]:
    async def restart(scene: Scene) -> None:
        assert scene.postgres is not None
        lost = scene.mark("PostgreSQL stopped")
        await asyncio.to_thread(scene.postgres.stop, how)
        await asyncio.sleep(scene.size.short / 2)
        await asyncio.to_thread(scene.postgres.start)
        back = scene.mark("PostgreSQL back")
        await scene.called_again(back)
        scene.mark("calls go on")
        assert not scene.closed_since(lost), "no feed was closed"

    return restart


def one_after_another(*losses: Callable[[Scene], Awaitable[None]]) -> Callable[[Scene], Awaitable[None]]:
    async def lose(scene: Scene) -> None:
        for loss in losses:
            await loss(scene)

    return lose


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table: what is lost, on which SQL store, and whose clock is wrong."""

    name: str
    lose: Callable[[Scene], Awaitable[None]]
    postgresql: bool = False
    clock_of: str = ""


LOSSES = (
    Loss(name="flushall", lose=flushall),
    Loss(name="flushall-at-a-call", lose=flushall_at_a_call),
    Loss(name="flushall-without-ticker", lose=flushall_without_ticker),
    Loss(name="redis-gone", lose=redis_gone),
    Loss(name="yesterdays-file", lose=yesterdays_file),
    Loss(name="web-killed", lose=web_killed),
    Loss(name="rolling-restart", lose=rolling_restart),
    Loss(name="ticker-killed", lose=ticker_killed),
    Loss(name="ticker-paused", lose=ticker_paused),
    Loss(name="two-tickers", lose=two_tickers),
    Loss(name="clock-of-web", lose=clock_steps, clock_of="web"),
    Loss(name="clock-of-redis", lose=clock_steps, clock_of="valkey"),
    Loss(name="postgresql-restarted", lose=postgres_restarted(FAST), postgresql=True),
    Loss(name="postgresql-crashed", lose=postgres_restarted(IMMEDIATE), postgresql=True),
)

SEVERAL = Loss(
    name="several",
    lose=one_after_another(
        rolling_restart,
        redis_gone,
        ticker_paused,
        two_tickers,
        postgres_restarted(IMMEDIATE),
    ),
    postgresql=True,
)
"""What a test of seconds can lose with a few people inside; `test_crashes.py` kills the processes.

Not the file of yesterday: whom it does not know is back after a look or a poll, and a hold of a second is too short.
"""


# -- the stage -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def stage(loss: Loss, size: Size, environment: dict[str, str] | None = None) -> Iterator[tuple[Any, ...]]:
    """Stores of our own that can be taken away, and the service on them."""
    folder = Path(tempfile.mkdtemp(prefix="gt-losses-"))
    environ = {"HOLD_SECONDS": f"{size.hold_seconds:g}"} | (environment or {})
    with contextlib.ExitStack() as stack:
        stack.callback(subprocess.run, ["rm", "-rf", str(folder)], check=True)
        shift = None
        if loss.clock_of:
            shift = folder / "shift"
            environ |= wrong_clock(folder, shift, loss.clock_of)
        postgres = None
        if loss.postgresql:
            postgres = Server(*FORGETFUL)
            stack.callback(postgres.remove)
            postgres.start()
            environ["DATABASE_URL"] = postgres.url
        valkey = Valkey(folder / "valkey")
        with mock.patch.dict(os.environ, environ):
            valkey.start(deadline_seconds=60)
        stack.callback(valkey.stop)
        environ["REDIS_URL"] = valkey.url
        options = {
            "--web": 2,
            "--cap": size.cap,
            "--accounts": size.accounts,
            "--calls-per-minute": size.calls_per_minute,
            "--token-seconds": size.token_seconds,
        }
        words = [str(word) for option in options.items() for word in option]
        yield (
            stack.enter_context(running(folder / "data", *words, environment=environ)),
            valkey,
            postgres,
            shift,
        )


def wrong_clock(folder: Path, shift: Path, word: str) -> dict[str, str]:
    """What to preload so that processes with this word in their command have the clock that `shift` says."""
    library = folder / "shifted_clock.so"
    source = Path(__file__).parent / "shifted_clock.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    shift.write_bytes(struct.pack("q", 0))
    return {"LD_PRELOAD": str(library), "SHIFT_WORD": word, "SHIFT_FILE": str(shift)}


class Proof(msgspec.Struct, kw_only=True):
    """What became of one loss: findings (none when all is well), and what was measured on the way."""

    loss: str
    people: int
    findings: list[str]
    seconds: float
    marks: list[tuple[float, str]]
    calls_stood_seconds: float
    feeds_closed: int
    answers: dict[str, int]
    notes: dict[str, Any]
    looks: dict[int, list[tuple[float, int]]]


async def prove(
    loss: Loss, size: Size, environment: dict[str, str] | None = None, *, to_the_cap: bool = True
) -> Proof:
    """One loss from the first join to the recount; unless `to_the_cap`, it ends when the loss is over."""
    began = time.monotonic()
    with stage(loss, size, environment) as (service, valkey, postgres, shift):
        async with crowd_of(service) as crowd:
            scene = Scene(service, valkey, postgres, crowd, size)
            scene.shift = shift
            try:
                await fill(scene)
                await loss.lose(scene)
                if to_the_cap:
                    await to_the_end(scene)
                return await recounted(loss, scene, began)
            finally:
                await scene.books.close()


async def fill(scene: Scene) -> None:
    """Everybody joins and holds a feed; calls begin; newcomers trickle in until the end."""
    crowd, size = scene.crowd, scene.size
    silent = 0

    async def on_call(person: Person) -> None:
        nonlocal silent
        if silent < size.silent and person.number % 5 == 0:
            silent += 1
            return
        await crowd.file(person, dawdle=crowd.random.uniform(0, size.token_seconds / 8))

    crowd.on_call = on_call
    people = [Person(polls=n % 25 == 7) for n in range(size.people)]
    for n in range(7):  # some who are called before, during and after the loss, for the picture
        people[min(size.cap * (4 + n) // 8, size.people - 1)].looks = []
    began = time.monotonic()
    await everybody(crowd, people)
    scene.notes["seconds for all to join"] = round(time.monotonic() - began, 1)
    for person in people:
        crowd.start(crowd.stay(person))
    crowd.start(trickle(crowd))
    await scene.together(120)
    scene.notes["seconds until all hold a feed"] = round(time.monotonic() - began, 1)

    async def enough() -> bool:
        return len(crowd.called) >= size.before

    await until(enough, 60, "calls are under way")


async def trickle(crowd: Crowd) -> None:
    """Newcomers, a few a second, as long as the room takes them."""
    while True:
        person = Person()
        await crowd.join(person)
        if person.refused:
            return
        crowd.start(crowd.stay(person))
        await asyncio.sleep(crowd.random.uniform(0.2, 0.6))


async def to_the_end(scene: Scene) -> None:
    """Until every place is taken, everybody has heard that it is over, and every job is done."""
    crowd, size = scene.crowd, scene.size
    operator, base = Browser(scene.service.url), "/api/v1/operator"
    await operator.call("POST", f"{base}/session", scene.service.ready["operator"])
    faster = await operator.call("PATCH", f"{base}/periods/demo/pace", {"calls_per_minute": size.hurry})
    await operator.close()
    assert faster[0] == 200 or await scene.all_held(), faster

    async def full() -> bool:
        return sum(bool(one.receipts) for one in crowd.people) >= size.cap

    await until(full, 90 + 4 * size.token_seconds, "every place is taken", every=0.2)
    ended = time.monotonic()

    async def all_told() -> bool:
        return all(one.done or one.refused for one in crowd.people if one.number)

    await until(all_told, 60, "everybody knows how it ended", every=0.2)
    scene.notes["seconds until everybody heard of the end"] = round(time.monotonic() - ended, 1)

    assert (await scene.period()).accepted == size.cap, "the cap is exact"

    async def settled() -> bool:
        staged = sa.select(sa.func.count()).select_from(job).where(job.c.state == "staged")
        return bool((await scene.books.read(lambda conn: conn.execute(staged))).scalar_one() == 0)

    await until(settled, 90, "all jobs are done", every=0.5)


async def recounted(loss: Loss, scene: Scene, began: float) -> Proof:
    """All checks, then `guichet verify`."""
    crowd = scene.crowd
    people = [one for one in crowd.people if one.number]
    calls, receipts = await read_books(scene)
    findings = checks.all_of(
        lambda: checks.numbers_kept(people),
        lambda: checks.numbers_distinct(one.number for one in people),
        lambda: checks.in_order_of_joining(
            checks.Asked(one.sent, one.answered, one.number) for one in people
        ),
        lambda: checks.nobody_passed(people),
        lambda: checks.called_in_order(calls, (one.number for one in people if one.away)),
        lambda: checks.never_called_back(people),
        lambda: checks.receipts_kept(people, receipts),
        lambda: checks.cap_exact((rank for _, rank in receipts.values()), len(receipts)),
        lambda: checks.served_in_time(people, scene.size.token_seconds),
        lambda: crowd.faults,
    )
    try:
        await verify(scene.service)
    except AssertionError as broken:
        findings.append(f"guichet verify: {broken}")
    at = sorted(moment for moment, _ in crowd.called)
    zero = scene.marks[0][0]
    around = [(a, b) for a, b in itertools.pairwise(at) if b >= zero and a <= scene.marks[-1][0]]
    return Proof(
        loss=loss.name,
        people=len(people),
        findings=findings,
        seconds=round(time.monotonic() - began, 1),
        marks=[(round(moment - zero, 1), what) for moment, what in scene.marks],
        calls_stood_seconds=round(max((b - a for a, b in around), default=0.0), 1),
        feeds_closed=sum(at > zero and code != 1000 for one in people for at, code in one.codes),
        answers={f"{what} {status}": count for (what, status), count in sorted(crowd.answers.items())},
        notes=scene.notes,
        looks={one.number: waits(one.looks, zero) for one in people if one.looks},
    )


def waits(looks: list[Seen], zero: float) -> list[tuple[float, int]]:
    """How many were ahead, by the instant of each look."""
    return [(round(look.at - look.age - zero, 1), look.ahead) for look in looks if look.state == "waiting"]


async def read_books(scene: Scene) -> tuple[list[list[int]], dict[str, tuple[int, int]]]:
    """The numbers of each call in the order of calls, and receipt -> (number, rank)."""
    t = store.token.c
    rows = await scene.books.read(
        lambda conn: conn.execute(sa.select(t.call, t.number).where(t.call.is_not(None)))
    )
    calls: defaultdict[int, list[int]] = defaultdict(list)
    for call, number in rows:
        calls[call].append(number)
    kept = await scene.books.read(
        lambda conn: conn.execute(sa.select(submission.c.receipt, submission.c.number, submission.c.rank))
    )
    return [calls[call] for call in sorted(calls)], {row[0]: (row[1], row[2]) for row in kept}


def run(work: Callable[[], Any]) -> Any:
    """Run it on the loop that the service has too: thousands of sockets are then no work."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work())


PICTURED = "flushall"
"""The loss whose looks are kept, for the picture."""


def keep(folder: Path, proof: Proof) -> None:
    """Write what one loss took into `losses.json`, in the place of what it took before."""
    path = folder / "losses.json"
    kept: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    looks = proof.looks if proof.loss == PICTURED else {}
    kept[proof.loss] = msgspec.to_builtins(msgspec.structs.replace(proof, looks=looks), str_keys=True)
    ordered = {loss.name: kept[loss.name] for loss in LOSSES if loss.name in kept}
    path.write_text(
        json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).replace("},", "},\n") + "\n"
    )


def main() -> int:
    """Run the table, or the losses named, and write what each took."""
    parser = argparse.ArgumentParser(prog="python -m tests.losses", description=main.__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(loss.name for loss in LOSSES)])
    parser.add_argument("--people", type=int, default=LARGE.people)
    parser.add_argument("--into", type=Path, help="the folder of losses.json, losses.md and the picture")
    options = parser.parse_args()
    size = SMALL if options.people <= SMALL.people else msgspec.structs.replace(LARGE, people=options.people)
    broken = 0
    for loss in LOSSES:
        if options.names and loss.name not in options.names:
            continue
        proof = run(functools.partial(prove, loss, size))
        broken += bool(proof.findings)
        said = {
            name: value
            for name, value in msgspec.to_builtins(proof, str_keys=True).items()
            if name != "looks"
        }
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if options.into and not proof.findings:
            keep(options.into, proof)
    if options.into:
        drawing = Path(__file__).parent.parent / "docs" / "tools" / "losses.py"
        subprocess.run([sys.executable, str(drawing), str(options.into)], check=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
