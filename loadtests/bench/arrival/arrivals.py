"""What an arrival costs: processor time and bytes, beside as many requests to an empty handler; each alone."""

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from loadtests.bench.arrival.crowd import BrowserCrowd
from loadtests.bench.arrival.plan import FIRST_FRAME, ArrivalPlan, arriving, as_many, scout
from loadtests.bench.arrival.processor import ServiceEffort, ServiceProcesses, processor_seconds

ARRIVALS: Final = 1_200

WARM_UP: Final = 150

STEPPING: Final = 400
"""Browsers whose arrival is measured request by request."""

ROUNDS: Final = 3


class ArrivalRound(NamedTuple):
    """1,200 arrivals: seconds of a processor, and bytes; and those of the empty handler for as many requests."""

    effort: ServiceEffort
    received: int
    bare: float
    """Seconds of the empty handler's processor."""
    cookies: list[bytes]
    """Of everybody who arrived, in the order of their numbers."""


class EmptyHandler(NamedTuple):
    """The bare server beside: where it listens, and its process."""

    host: str
    pid: int


async def measure(plan: ArrivalPlan, of: ServiceProcesses, bare: EmptyHandler) -> ArrivalRound:
    """One round at both. Raises SystemExit when an answer is wrong, or a number is missing or twice."""
    found: dict[int, bytes] = {}
    crowd = BrowserCrowd(plan.host)
    before = of.effort()
    await crowd.arrive([arriving(plan, found) for _ in range(ARRIVALS)])
    effort, received = of.effort() - before, crowd.received
    await crowd.close()
    if len(found) != ARRIVALS:
        raise SystemExit(f"{ARRIVALS} arrived, but {len(found)} numbers were given")
    cookies = [found[number] for number in sorted(found)]
    beside = BrowserCrowd(bare.host)
    began = processor_seconds(bare.pid)
    await beside.arrive([as_many(plan, cookies[0]) for _ in range(ARRIVALS)])
    spent = processor_seconds(bare.pid) - began
    await beside.close()
    return ArrivalRound(effort, received, spent, cookies)


async def warm_up(plan: ArrivalPlan, bare: EmptyHandler) -> None:
    """What a process does once is no cost of an arrival."""
    for host, journeys in (
        (plan.host, [arriving(plan, {}) for _ in range(WARM_UP)]),
        (bare.host, [as_many(plan, b"") for _ in range(WARM_UP)]),
    ):
        crowd = BrowserCrowd(host)
        await crowd.arrive(journeys)
        await crowd.close()


async def step_by_step(plan: ArrivalPlan, of: ServiceProcesses) -> list[tuple[str, ServiceEffort]]:
    """What each request of an arrival costs, for one person: all of a crowd send the same one, then the next."""
    crowd, found, steps = BrowserCrowd(plan.host), dict[int, bytes](), list[tuple[str, ServiceEffort]]()
    before = of.effort()
    await crowd.connect([arriving(plan, found) for _ in range(STEPPING)])
    names = [one.what for one in plan.requests] + [FIRST_FRAME]
    for name in ["the connection", *names]:
        if name != "the connection":
            await crowd.step()
        after = of.effort()
        spent = after - before
        steps.append((name, ServiceEffort(*(each / STEPPING for each in spent))))
        before = after
    await crowd.close()
    return steps


def check_plan(plan: ArrivalPlan, url: str) -> None:
    """Pages still link what everybody asked for. Raises SystemExit."""
    if (now := scout(url).paths) != plan.paths:
        raise SystemExit(f"the pages changed meanwhile: {json.dumps([plan.paths, now])}")


def shown(steps: Sequence[tuple[str, ServiceEffort]]) -> str:
    """Request by request in a line, microseconds of the web process."""
    return ", ".join(f"{name} {spent.web * 1e6:,.0f}" for name, spent in steps)
