"""Killed processes: whatever dies during an intake, no receipt is lost, the cap is exact, jobs are done once."""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from tests.support.processes.services import (
    Browser,
    RunningService,
    browser,
    candidate,
    running,
    until,
    verify,
)

CAP = 40

PEOPLE = 110

SOON = {"HOLD_SECONDS": "3"}
"""Nobody in these tests needs 35 s to come back."""


def rows(service: RunningService, statement: str) -> list[Any]:
    with sqlite3.connect(service.database_url.removeprefix("sqlite:///"), timeout=10) as connection:
        return connection.execute(statement).fetchall()


async def flushed(service: RunningService) -> None:
    client = redis.asyncio.Redis.from_url(service.redis_url)
    await client.flushall()
    await client.aclose()


async def intake(tmp_path: Path, disturb: Callable[[RunningService], Any], times: int, every: float) -> None:
    """A whole intake of 110 people for 40 places, disturbed so many times; then everything is recounted."""
    options = ("--web", "2", "--cap", str(CAP), "--accounts", str(PEOPLE), "--calls-per-minute", "600")
    with running(tmp_path / "data", *options, environment=SOON) as service:
        people = [asyncio.create_task(candidate(service, n)) for n in range(1, PEOPLE + 1)]
        for _ in range(times):
            await asyncio.sleep(every * random.uniform(0.7, 1.3))
            result = disturb(service)
            if asyncio.iscoroutine(result):
                await result
        results = await asyncio.wait_for(asyncio.gather(*people), 150)
        accepted = {result["receipt"]: result["rank"] for result in results if result["state"] == "accepted"}
        assert sorted(accepted.values()) == list(range(1, CAP + 1)), [result["state"] for result in results]
        kept = dict(rows(service, "select receipt, rank from submission"))
        assert kept == accepted

        async def settled() -> bool:
            waiting = (
                "select count(*) from task where state = 'staged' and subject_kind = 'submission' "
                "and due_at < strftime('%s', 'now') * 1000"  # a reminder waits for its day
            )
            return rows(service, waiting) == [(0,)]

        await until(settled, 90, "all jobs are done")
        assert rows(service, "select count(*), count(distinct subject_id) from document") == [(CAP, CAP)]
        await verify(service)


@pytest.mark.slow
async def test_everything_is_killed_once_in_one_run(tmp_path: Path) -> None:
    """kill -9 of a web process, the ticker, the worker and Valkey, and a FLUSHALL, in one intake (P2, P3)."""
    kinds = iter(["web", "ticker", "worker", "redis", "flushall"])

    def disturb(service: RunningService) -> Any:
        kind = next(kinds)
        return flushed(service) if kind == "flushall" else service.kill(kind)

    await intake(tmp_path, disturb, times=5, every=1.5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["web", "ticker", "worker", "redis"])
async def test_a_process_killed_again_and_again(tmp_path: Path, kind: str) -> None:
    """kill -9 of each kind during the run (P2, P3)."""
    await intake(tmp_path, lambda service: service.kill(kind), times=3 if kind == "redis" else 5, every=1.2)


@pytest.mark.slow
async def test_redis_wiped_during_the_run(tmp_path: Path) -> None:
    """FLUSHALL three times, in the middle of joins, calls and submissions: nobody loses a number (P1, P8)."""
    await intake(tmp_path, flushed, times=3, every=1.5)


@pytest.mark.slow
async def test_a_receipt_repeated_after_the_end_and_after_a_restart(tmp_path: Path) -> None:
    """The demo is stopped and started on its data: the last place's receipt is told again, the line goes on."""
    data = tmp_path / "data"
    options = ("--cap", "1", "--accounts", "5", "--calls-per-minute", "600", "--web", "1")
    with running(data, *options, environment=SOON) as service:
        port = service.url.rsplit(":", 1)[1]
        first = Browser(service.url)
        await first.join()
        me = await first.called()
        await first.sign_in(service.credentials(1), me["token"])
        status, accepted = await first.submit(me["token"])
        assert status == 201
        status, again = await first.submit(me["token"])
        assert (status, again["receipt"]) == (200, accepted["receipt"])
    with running(data, *options, "--port", port, environment=SOON) as service:
        status, again = await first.submit(me["token"])
        assert (status, again["receipt"], again["rank"]) == (200, accepted["receipt"], 1)
        assert (await first.me())["state"] == "submitted"
        async with browser(service) as late:
            status, answer = await late.call("POST", "/api/v1/periods/demo/tickets", {})
            assert (status, answer["code"]) == (410, "quota_reached")
        await first.close()


@pytest.mark.slow
async def test_redis_silent_under_open_sockets_closes_none_of_them(tmp_path: Path) -> None:
    """Valkey is stopped for seconds: screens keep their last position, nobody is dropped, nobody loses a number."""
    options = ("--web", "2", "--cap", "50", "--accounts", "5", "--calls-per-minute", "20")
    with running(tmp_path / "data", *options, environment=SOON) as service:
        people = [Browser(service.url) for _ in range(8)]
        for one in people:
            await one.join()
        sockets = [await one.live() for one in people]
        for socket in sockets:
            await asyncio.wait_for(socket.receive_json(), 3)
        redis_pid = service.kill("redis", sign=signal.SIGSTOP)
        try:
            me = await people[-1].me()
            assert (me["number"], me["state"]) == (people[-1].number, "waiting")
            await asyncio.sleep(6)
            assert not any(socket.closed for socket in sockets)
        finally:
            os.kill(redis_pid, signal.SIGCONT)

        async def moving() -> bool:
            mes = [await one.me() for one in people]
            assert [me["number"] for me in mes] == [one.number for one in people]
            return len([me for me in mes if me["state"] == "called"]) >= 2

        await until(moving, 40, "calls go on")
        assert not any(socket.closed for socket in sockets)
        for one in people:
            await one.close()
