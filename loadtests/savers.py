"""The last hour before an opening: everybody saves once more (`python -m loadtests.savers`).

People with accounts sign in and save sections, few at first and most in the last tenth of the time. Each save is
checked on the way (its version, that it is found again word for word), and the report says how long saves took, how
many a second there were, and whether anything that was acknowledged was lost.
"""

import argparse
import asyncio
import math
import random
import sys
import time
from collections.abc import Sequence

import aiohttp
import msgspec
from yarl import URL

from loadtests.crowd import MOST_AT_ONCE, REQUEST_SECONDS, Driver
from loadtests.journey.accounts import AccountPattern, read_accounts
from loadtests.journey.plan import draw
from loadtests.journey.preparing import saving
from loadtests.journey.states import JourneyEnd, StepName
from loadtests.journey.steps import Outcome, Reply, Request
from loadtests.people.tally import CrowdTally, best_rate, spread

LAST_TENTH = 0.5
"""The share of people who save in the last tenth of the time."""


def last_hour(people: int, seconds: float, rng: random.Random) -> list[float]:
    """When each begins to save, ascending: the nearer the opening, the more."""
    late = round(people * LAST_TENTH)
    tail = [seconds * (0.9 + 0.1 * math.sqrt(rng.random())) for _ in range(late)]
    return sorted([*(seconds * 0.9 * math.sqrt(rng.random()) for _ in range(people - late)), *tail])


class SavesReport(msgspec.Struct, frozen=True):
    """What came of it. Milliseconds are of saves that were answered; `best_rate` is saves in the best second."""

    people: int
    saved: int
    best_rate: float
    save_ms: dict[str, float]
    ended: dict[str, int]
    codes: dict[str, int]
    broken: list[str]


class TimedDriver(Driver):
    """A driver that writes down how long each save took, and when."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        base: str,
        gate: asyncio.Semaphore,
        tally: CrowdTally,
        took: list[tuple[float, float]],
    ) -> None:
        super().__init__(client, base, gate, tally)
        self.took = took

    async def request(self, step: Request) -> Reply:
        began = time.monotonic()
        reply = await super().request(step)
        if step.name is StepName.SAVE:
            self.took.append((time.monotonic(), 1000 * (time.monotonic() - began)))
        return reply


async def run(options: argparse.Namespace, accounts: AccountPattern) -> SavesReport:
    """All savers, each from the sign-in to the last save."""
    rng, gate, tally = random.Random(options.seed), asyncio.Semaphore(MOST_AT_ONCE), CrowdTally()
    took: list[tuple[float, float]] = []
    base = options.url.rstrip("/")
    origin = str(URL(base).origin())
    client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=options.people + MOST_AT_ONCE),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
    )

    async def one(index: int, at: float, seed: int) -> None:
        plan = draw(random.Random(seed), options.haste)
        await asyncio.sleep(at)
        way = saving(
            accounts.person(index), plan, time.monotonic,
            programme=options.programme, origin=origin, times=options.saves,
        )  # fmt: skip
        try:
            outcome = await TimedDriver(client, base, gate, tally, took).travel(way)
        except Exception as problem:
            # A fault of this program is counted and shown; it must not end the others.
            outcome = Outcome(kind=JourneyEnd.FAILED, reason=f"the driver: {type(problem).__name__}")
        tally.add(outcome)

    async with client, asyncio.TaskGroup() as group:
        for index, at in enumerate(last_hour(options.people, options.seconds, rng)):
            group.create_task(one(index, at, rng.getrandbits(64)))
    return SavesReport(
        people=options.people,
        saved=len(took),
        best_rate=best_rate(sorted(at for at, _ in took), 1.0) if took else 0.0,
        save_ms=spread(milliseconds for _, milliseconds in took),
        ended=dict(tally.kinds),
        codes=dict(tally.codes),
        broken=tally.broken(),
    )


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.savers", description="The last hour before an opening: everybody saves."
    )
    parser.add_argument("--url", required=True, help="where the service is, such as http://127.0.0.1:8000")
    parser.add_argument(
        "--accounts-file", required=True, help="JSON with username, password, answers; - is stdin"
    )
    parser.add_argument("--programme", default="demo")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--saves", type=int, default=10, help="how often each saves")
    parser.add_argument("--seconds", type=float, default=60.0, help="the hour, made so short")
    parser.add_argument(
        "--haste", type=float, default=60.0, help="how many times faster than people they type"
    )
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the report as JSON; 1 when a promise broke or anybody could not save."""
    options = parse(arguments)
    report = asyncio.run(run(options, read_accounts(options.accounts_file)))
    print(msgspec.json.format(msgspec.json.encode(report)).decode(), flush=True)
    return 0 if not report.broken and report.ended == {JourneyEnd.PREPARED: options.people} else 1


if __name__ == "__main__":
    sys.exit(main())
