"""A simulated crowd: many journeys (`candidate.py`) in one asyncio process, light enough to share a machine.

`python -m loadtests.crowd --url http://127.0.0.1:8000 --people 800 --accounts-file FILE` prints one line about what it
saw and exits 0. The accounts come by a file, or by standard input (`-`), never on the command line:
`{"username": "foule-%05d", "password": "...", "answers": ["...", "..."]}`. With `--expect submitted` it is a check: one
person (or several) goes straight through, and it exits 1 if anybody ends in another way.
"""

import argparse
import asyncio
import contextlib
import random
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import msgspec
from aiohttp import WSMsgType
from yarl import URL

from loadtests.journey.accounts import AccountPattern, read_accounts
from loadtests.journey.candidate import journey
from loadtests.journey.plan import draw, straight
from loadtests.journey.preparing import newcomer, preparation
from loadtests.journey.states import JourneyEnd, StepName
from loadtests.journey.steps import (
    Closed,
    Done,
    FeedFrame,
    HangUp,
    Journey,
    JourneyAnswer,
    Listen,
    Lost,
    Outcome,
    Reply,
    Request,
    Silence,
    Sleep,
    Step,
    WatchFeed,
)
from loadtests.people.tally import CrowdTally

MOST_AT_ONCE = 64
"""Requests and handshakes in flight: a crowd is many people, but one process on a shared machine."""

REQUEST_SECONDS = 30.0

WENT_AWAY = (aiohttp.ClientError, OSError, TimeoutError)


def arrivals(people: int, seconds: float, rng: random.Random) -> list[float]:
    """When each comes, ascending: most in the first tenth of the time, as at an opening; the others trickle in."""
    rush = [rng.uniform(0.0, seconds / 10) for _ in range(round(people * 0.6))]
    tail = [
        min(seconds, seconds / 10 + rng.expovariate(3 / seconds)) if seconds else 0.0
        for _ in range(people - len(rush))
    ]
    return sorted(rush + tail)


class Driver:
    """Takes the steps of one journey over one HTTP client that all share, and one socket of its own."""

    def __init__(
        self, client: aiohttp.ClientSession, base: str, gate: asyncio.Semaphore, tally: CrowdTally
    ) -> None:
        self.client = client
        self.base = base
        self.gate = gate
        self.tally = tally
        self.socket: aiohttp.ClientWebSocketResponse | None = None

    async def travel(self, way: Journey) -> Outcome:
        try:
            step = next(way)
            while True:
                step = way.send(await self.take(step))
        except StopIteration as arrived:
            outcome: Outcome = arrived.value
            return outcome

    async def take(self, step: Step) -> Reply:
        match step:
            case Request():
                return await self.request(step)
            case WatchFeed():
                return await self.watch(step)
            case Listen():
                return await self.listen(step.seconds)
            case HangUp():
                await self.hang_up()
            case Sleep():
                await asyncio.sleep(step.seconds)
        return Done()

    async def request(self, step: Request) -> Reply:
        self.tally.counts["requests"] += 1
        try:
            async with (
                self.gate,
                self.client.request(
                    step.method,
                    self.url(step.path),
                    headers=step.headers,
                    json=step.json,
                    data=step.form,
                    allow_redirects=False,
                ) as response,
            ):
                answer = await read_answer(response)
        except WENT_AWAY as problem:
            self.tally.counts["lost"] += 1
            return Lost(f"{type(problem).__name__}: {problem}")
        if step.name is StepName.JOIN and answer.status == 201:
            self.tally.counts["joins"] += 1
        if answer.status >= 400 and isinstance(answer.body, dict):
            self.tally.codes[str(answer.body.get("code"))] += 1
        return answer

    async def watch(self, step: WatchFeed) -> Reply:
        await self.hang_up()
        try:
            async with self.gate:
                self.socket = await self.client.ws_connect(
                    self.url(step.path), headers=step.headers, compress=0, max_msg_size=65_536,
                    timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
                )  # fmt: skip
        except aiohttp.WSServerHandshakeError as refusal:
            return JourneyAnswer(refusal.status, {}, {})
        except WENT_AWAY as problem:
            self.tally.counts["lost"] += 1
            return Lost(f"{type(problem).__name__}: {problem}")
        self.tally.counts["sockets"] += 1
        return Done()

    async def listen(self, seconds: float) -> Reply:
        if self.socket is None:
            return Closed(1006)
        try:
            message = await self.socket.receive(timeout=seconds)
        except TimeoutError:
            return Silence()
        if message.type is WSMsgType.TEXT:
            self.tally.counts["frames"] += 1
            return FeedFrame(msgspec.json.decode(message.data))
        code = message.data if message.type is WSMsgType.CLOSE else self.socket.close_code
        self.socket = None
        return Closed(code if isinstance(code, int) else 1006)

    async def hang_up(self) -> None:
        socket, self.socket = self.socket, None
        if socket is not None:
            with contextlib.suppress(*WENT_AWAY):
                await socket.close()

    def url(self, path: str) -> URL:
        return URL(self.base + path, encoded=True)


async def read_answer(response: aiohttp.ClientResponse) -> JourneyAnswer:
    """The parts of a response that a candidate looks at. A body that should be JSON and is not stays None."""
    raw = await response.read()
    body: Any = None
    if "json" in response.content_type and raw:
        with contextlib.suppress(msgspec.DecodeError):
            body = msgspec.json.decode(raw)
    headers = {name.lower(): value for name, value in response.headers.items()}
    cookies = {
        name: morsel.coded_value if morsel["max-age"] != "0" else ""
        for name, morsel in response.cookies.items()
    }
    return JourneyAnswer(response.status, headers, cookies, body)


async def run(options: argparse.Namespace, accounts: AccountPattern, tally: CrowdTally) -> None:
    """All the people of the crowd, each from its arrival to its outcome."""
    rng = random.Random(options.seed)
    gate = asyncio.Semaphore(MOST_AT_ONCE)
    limits = aiohttp.TCPConnector(limit=options.people + MOST_AT_ONCE, keepalive_timeout=20.0)
    client = aiohttp.ClientSession(
        connector=limits,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS),
    )
    base = options.url.rstrip("/")
    origin = str(URL(base).origin())

    async def one(index: int, at: float, plan_seed: int) -> None:
        own = random.Random(plan_seed)
        plan = straight(own) if options.expect else draw(own, options.haste)
        person, clock = accounts.person(index), time.monotonic
        await asyncio.sleep(at)
        try:
            driver = Driver(client, base, gate, tally)
            if index < round(options.newcomers * options.people):
                person = newcomer(f"nouvelle-{plan_seed:016x}")
                way = preparation(person, plan, clock, programme=options.programme, origin=origin)
                outcome = await driver.travel(way)
                if outcome.kind is not JourneyEnd.PREPARED:
                    tally.add(outcome)
                    return
                tally.counts["prepared"] += 1
            way = journey(person, plan, clock, period=options.period, origin=origin)
            outcome = await driver.travel(way)
        except Exception as problem:
            # A fault of the crowd's own code is counted and shown; it must not end the others.
            outcome = Outcome(
                kind=JourneyEnd.FAILED, reason=f"the driver: {type(problem).__name__}: {problem}"
            )
        tally.add(outcome)

    coming = arrivals(options.people, options.arrive_seconds, rng)
    async with client, asyncio.TaskGroup() as group:
        for index, at in enumerate(coming):
            group.create_task(one(index, at, rng.getrandbits(64)))


async def until_told(options: argparse.Namespace, accounts: AccountPattern, tally: CrowdTally) -> None:
    """Run to the end, or to SIGTERM or SIGINT."""
    crowd = asyncio.create_task(run(options, accounts, tally))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, crowd.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await crowd


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.crowd", description="A simulated crowd of candidates."
    )
    parser.add_argument("--url", required=True, help="where the service is, such as http://127.0.0.1:8000")
    parser.add_argument("--people", type=int, default=800)
    parser.add_argument("--period", default="demo")
    parser.add_argument("--programme", default="demo", help="what newcomers register for")
    parser.add_argument(
        "--newcomers", type=float, default=0.0,
        help="the share that comes without an account: they register, confirm by the demo's mail, fill in their draft",
    )  # fmt: skip
    parser.add_argument(
        "--accounts-file", required=True, help="JSON with username, password, answers; - is stdin"
    )
    parser.add_argument("--seed", type=int, default=None, help="the same seed gives the same plans")
    parser.add_argument("--arrive-seconds", type=float, default=60.0, help="until the last one has come")
    parser.add_argument("--haste", type=float, default=1.0, help="how many times faster than people they act")
    parser.add_argument(
        "--expect",
        choices=[JourneyEnd.SUBMITTED.value],
        help="go straight through; exit 1 if anybody does not",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    accounts = read_accounts(options.accounts_file)
    tally = CrowdTally()
    began = time.monotonic()
    asyncio.run(until_told(options, accounts, tally))
    print(f"crowd of {options.people}, {time.monotonic() - began:.1f} s: {tally.line()}", flush=True)
    broken = tally.broken()
    for sentence in broken[:20]:
        print(f"  {sentence}", flush=True)
    if options.expect is None:
        return 0
    return 0 if not broken and tally.kinds[options.expect] == options.people else 1


if __name__ == "__main__":
    sys.exit(main())
