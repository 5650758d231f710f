"""A web process that is killed in the middle of saves: what was answered is kept, and nothing is half-written (P12)."""

import asyncio
import contextlib
import itertools
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import ROOT
from tests.support.processes.services import Browser, RunningService, browser, running, until

PEOPLE, KILLS = 8, 3

DRAFT, SECTION = "/api/v1/drafts/demo", "/api/v1/drafts/demo/sections/training"


def answers_of(turn: int) -> dict[str, str]:
    """Four fields that belong together: of two turns none may be in one text."""
    return {
        "diploma": f"Master {turn}",
        "field": f"Informatique {turn}",
        "school": f"École {turn}",
        "year": "2008",
    }


async def stored(one: Browser) -> tuple[int, dict[str, str]]:
    """The version and the answers of the section as they are read."""
    status, draft = await one.call("GET", DRAFT)
    assert status == 200, draft
    section: dict[str, Any] = draft["sections"]["training"]
    return section["version"], section["answers"]


STANDS = "what was answered stands"


async def saving(one: Browser, over: asyncio.Event, patience: float) -> int:
    """Save on and on, until it is over; how many saves were answered. A save whose answer was lost comes again, and is
    told that it is there, or finds the version that it made. What was answered is read within `patience` seconds."""
    version, answered = (await stored(one))[0], 0
    for turn in itertools.count():
        if over.is_set():
            return answered
        status, answer = await one.call("PUT", SECTION, {"version": version, "answers": answers_of(turn)})
        if status == 409:  # the answer of the first try was lost with its process
            version, found = await stored(one)
            assert found == answers_of(turn)
            continue
        assert status == 200, answer
        assert answer["version"] == version + 1
        version, answered = answer["version"], answered + 1
        until_then = time.monotonic() + patience
        while (there := await stored(one)) != (version, answers_of(turn)):
            assert time.monotonic() < until_then, f"{STANDS}: {there[0]} is there instead of {version}"
            await asyncio.sleep(0.05)
    raise AssertionError


async def kill(service: RunningService, n: int) -> None:
    """Kill the web process while saves are under way, and wait for the next."""
    before = service.pids("web")
    await asyncio.sleep(
        0.7 + 0.2 * n
    )  # a different moment of a save each time: what is raced is the kill itself
    service.kill("web")

    async def another() -> bool:
        return service.pids("web") != before

    await until(another, 30, "another web process serves")


async def kills(data: Path, environment: dict[str, str], patience: float = 0.0) -> list[int | BaseException]:
    """How many saves of each person were answered, or what was wrong with one."""
    options = ("--web", "1", "--workers", "0", "--accounts", str(PEOPLE), "--calls-per-minute", "0")
    with running(data, *options, environment=environment) as service:
        async with contextlib.AsyncExitStack() as stack:
            people = [await stack.enter_async_context(browser(service)) for _ in range(PEOPLE)]
            for n, one in enumerate(people, 1):
                status, answer = await one.sign_in(service.credentials(n))
                assert status == 200, answer
            over = asyncio.Event()
            tasks = [asyncio.create_task(saving(one, over, patience)) for one in people]
            for n in range(KILLS):
                await kill(service, n)
            await asyncio.sleep(0.5)
            over.set()
            return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 60)


@pytest.mark.slow
async def test_a_killed_web_process_leaves_whole_texts(tmp_path: Path) -> None:
    """kill -9, again and again, under eight people who save: each reads back all of a text that was answered."""
    answered = await kills(tmp_path / "data", {})
    assert all(isinstance(count, int) and count > KILLS for count in answered), answered


@pytest.mark.slow
async def test_saves_that_are_answered_before_they_are_committed_are_lost(tmp_path: Path) -> None:
    """Twin: the answer comes a moment before the commit, and whoever reads waits for that; only a kill can lose it."""
    path = os.pathsep.join([str(ROOT / "tests" / "unprotected"), os.environ.get("PYTHONPATH", "")])
    environment = {"PYTHONPATH": path.rstrip(os.pathsep), "WITHOUT": "commit first"}
    answered = await kills(tmp_path / "data", environment, patience=10.0)
    assert any(STANDS in str(one) for one in answered), answered
