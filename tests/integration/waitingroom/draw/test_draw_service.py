"""A whole opening in mode draw with real processes, and everything that may go wrong around its instant."""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import parse_rfc3339
from quota.draw_order import broken, order, read
from tests.races.test_crashes import SOON, flushed, rows
from tests.support.processes.services import Browser, RunningService, running, until, verify

PEOPLE, LATE = 60, 10


async def sees(one: Browser) -> dict[str, Any]:
    status, me = await one.call("GET", "/api/v1/periods/demo/tickets/me")
    assert status == 200, me
    return dict(me)


async def period_of(one: Browser) -> dict[str, Any]:
    return dict((await one.call("GET", "/api/v1/periods/demo"))[1])


async def numbered(one: Browser) -> int:
    """The browser's number, once its entry has one."""

    async def known() -> int | None:
        number: int | None = (await sees(one))["number"]
        return number

    found: int = await until(known, 60, "the entry has its number", every=0.5)
    return found


async def disturb(service: RunningService, opens_at: float) -> None:
    """Everything at once: a loss before the opening, a web process killed and both tickers' place frozen across it, a
    loss right after it."""
    await asyncio.sleep(max(0, opens_at - 3 - time.time()))
    await flushed(service)
    await asyncio.sleep(max(0, opens_at - 1 - time.time()))
    ticker = service.kill("ticker", 0, signal.SIGSTOP)
    service.kill("web", 0)
    await asyncio.sleep(4)
    os.kill(ticker, signal.SIGCONT)
    await asyncio.sleep(1)
    await flushed(service)


@pytest.mark.slow
async def test_an_opening_disturbed_in_every_way(tmp_path: Path) -> None:
    """Sixty enter; before, at and after the opening everything is lost and processes die or sleep: each has the number
    that follows from their entry, ten later ones are behind, calls come in that order, and every promise holds."""
    options = ("--web", "2", "--draw", "--accounts", "5", "--calls-per-minute", "0")
    with running(tmp_path / "data", *options, environment=SOON) as service:
        people = [Browser(service.url) for _ in range(PEOPLE + LATE)]
        early, late = people[:PEOPLE], people[PEOPLE:]
        entries = {
            one: int((await one.call("POST", "/api/v1/periods/demo/tickets", {}))[1]["entry"])
            for one in early
        }
        assert sorted(entries.values()) == list(range(1, PEOPLE + 1))
        opens_at = parse_rfc3339((await period_of(early[0]))["opens_at"]) / 1000
        disturbing = asyncio.create_task(disturb(service, opens_at))

        async def comes_late(one: Browser) -> int:
            await asyncio.sleep(max(0, opens_at - time.time()) + 1)

            async def joined() -> Any:
                status, answer = await one.call("POST", "/api/v1/periods/demo/tickets", {})
                return answer if status in (200, 201) and answer.get("number") else None

            return int((await until(joined, 60, "a late join has its number", every=0.5))["number"])

        found = await asyncio.gather(*map(numbered, early), *map(comes_late, late))
        await disturbing
        published = await period_of(early[0])
        draw, _ = read(json.dumps(published).encode())
        assert broken(draw) == []
        right = order(draw.seed or "", "demo", draw.entries or 0, draw.value or "")
        assert list(found[:PEOPLE]) == [right[entries[one]] for one in early]
        assert len(set(found)) == PEOPLE + LATE
        assert min(found[PEOPLE:]) > (draw.entries or 0) >= PEOPLE
        again = await asyncio.gather(*map(numbered, early))
        assert again == found[:PEOPLE], "no loss after the draw changes a number"
        await calls_in_order(service, people, sorted(found))
        await verify(service)
        offline = tmp_path / "demo.json"
        offline.write_text(json.dumps(published))
        command = (sys.executable, "-m", "config", "verify", "--draw", "--file", str(offline))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        assert await process.wait() == 0
        for one in people:
            await one.close()


async def calls_in_order(service: RunningService, people: list[Browser], numbers: list[int]) -> None:
    """With everybody present, the pace is set and the calls are those of the lowest numbers."""
    operator = Browser(service.url)
    await operator.call("POST", "/api/v1/operator/session", service.ready["operator"])

    async def all_present() -> bool:
        await asyncio.gather(*map(sees, people))
        return bool((await period_of(people[0]))["waiting"] == len(people))

    await until(all_present, 60, "everybody is present", every=1)
    pace = {"calls_per_minute": 300, "most_live_tokens": 100}
    await operator.call("PATCH", "/api/v1/operator/periods/demo/pace", pace)

    async def enough() -> bool:
        return len(rows(service, "select number from token")) >= 20

    await until(enough, 30, "twenty are called", every=0.5)
    await operator.call("POST", "/api/v1/operator/periods/demo/pause")
    called = [row[0] for row in rows(service, "select number from token order by id")]
    assert called == numbers[: len(called)]
    await operator.close()
