"""What is lost, one scene each: something is taken away from a running service, and comes back.

Failovers of Redis, which need several servers, are in `failovers.py`.
"""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.losses.stage import Scene
from tests.support.people import crowd_checks as checks
from tests.support.people.crowds import PERIOD, CrowdPerson, everybody
from tests.support.processes.services import until

HOUR_NS = 3_600_000_000_000


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
    crowd, long, valkey = scene.crowd, scene.size.long, scene.on.valkey
    assert valkey is not None
    lost = scene.mark("Valkey gone")
    valkey.kill()
    await asyncio.sleep(min(3.0, long / 2))
    clock = (await scene.period()).clock
    began = time.monotonic()
    asker, waiter = CrowdPerson(), next(one for one in reversed(crowd.people) if one.state == "waiting")
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
    await asyncio.to_thread(valkey.start)
    back = scene.mark("Valkey back")
    await scene.called_again(back)
    scene.mark("calls go on")
    assert not scene.closed_since(lost), "no feed was closed"


async def yesterdays_file(scene: Scene) -> None:
    """It comes back with a file that knows neither the last people who joined nor the last who were called."""
    crowd, valkey = scene.crowd, scene.on.valkey
    assert valkey is not None
    data = valkey.data
    old = data.parent / "old"
    before = scene.mark("the file is copied")
    await asyncio.to_thread(shutil.copytree, data, old, ignore=shutil.ignore_patterns("*.sock"))
    newcomers = [CrowdPerson() for _ in range(max(5, scene.size.people // 10))]
    await everybody(crowd, newcomers)
    for one in newcomers:
        crowd.start(crowd.stay(one))
    await scene.called_again(before)
    lost = scene.mark("Valkey killed")
    valkey.kill()
    await asyncio.to_thread(shutil.rmtree, data)
    await asyncio.to_thread(shutil.copytree, old, data)
    await asyncio.to_thread(valkey.start)
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
    newcomers = [CrowdPerson() for _ in range(20)]
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
        postgres = scene.on.postgres
        assert postgres is not None
        lost = scene.mark("PostgreSQL stopped")
        await asyncio.to_thread(postgres.stop, how)
        await asyncio.sleep(scene.size.short / 2)
        await asyncio.to_thread(postgres.start)
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
