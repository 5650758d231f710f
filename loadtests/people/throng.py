"""One process of the people of a rehearsal: up to some 15,000 of them, each on the journey of `candidate.py`.

    python -m loadtests.people.throng --url http://127.0.0.1:8000 --people 60000 --cap 5073 --time-scale 20 \
        --calls-per-minute 600 --token-seconds 30 --seed 2016 --share 0/4 \
        --begin MONOTONIC --wall WALL --folder DIR --accounts-file -

Prints one `WitnessSample` as a line of JSON every two seconds and leaves its `Records` in the folder.
"""

import argparse
import asyncio
import gc
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import uvloop

from loadtests.journey.accounts import AccountPattern, read_accounts
from loadtests.journey.personas import Persona, order_of_arrival, persona, way_of
from loadtests.journey.steps import Outcome
from loadtests.people import tls
from loadtests.people.addresses import own_address
from loadtests.people.pages import PageLinks
from loadtests.people.scale import Scale, paced
from loadtests.people.walker import Walker, decode
from loadtests.people.whole import ArrivalCounts
from loadtests.people.witness import Records, Witness, WitnessSample

SAMPLE_SECONDS = 2.0

NICE = 5
"""People have machines of their own on the day; on the one they share with the service they let it go first."""

NEAR = 500
"""With so few ahead a position counts as near the front."""


class Throng:
    """Everybody of this process."""

    def __init__(self, options: argparse.Namespace, accounts: AccountPattern) -> None:
        self.loop = asyncio.get_running_loop()
        self.options, self.accounts = options, accounts
        parts = urlsplit(options.url)
        self.host, self.port = parts.hostname or "", tls.port_of(options.url)
        self.tls = tls.trust(options.url, options.ca)
        self.netloc = parts.netloc
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.share, self.shares = (int(part) for part in options.share.split("/"))
        self.scale: Scale = paced(
            options.people, options.cap, options.time_scale, options.calls_per_minute, options.token_seconds
        )
        self.wall: float = options.wall - options.begin
        self.walkers: set[Walker] = set()
        self.witnesses: list[Witness] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.sockets = 0
        self.done = asyncio.Event()
        self.coming = 0
        self.links, self.whole = PageLinks(), ArrivalCounts()
        self.begin_counts()

    def begin_counts(self) -> None:
        self.whole.begin()
        self.joins = self.frames = self.requests = self.lost = 0
        self.codes: Counter[str] = Counter()
        self.ends: Counter[str] = Counter()

    def now(self) -> float:
        return time.monotonic() + self.wall

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def address(self, place: int) -> tuple[str, int] | None:
        """A loopback address of one's own: Linux has sixteen million of them. Elsewhere the one that there is."""
        return (own_address(place), 0) if self.options.addresses else None

    # Coming and going

    async def run(self) -> None:
        """Everybody comes at their time; returns when the last one has gone, or when told."""
        places = order_of_arrival(self.scale.people, self.options.seed)
        mine = [
            persona(index, places[index], self.scale, self.options.seed, self.options.whole)
            for index in range(self.share, self.scale.people, self.shares)
        ]
        mine.sort(key=lambda who: who.at)
        self.coming = len(mine)
        looking = asyncio.create_task(self.look())
        arriving = asyncio.create_task(self.arrive(mine))
        await self.done.wait()
        for task in (looking, arriving):
            task.cancel()
        self.tell()

    async def arrive(self, mine: list[Persona]) -> None:
        begin = self.options.begin
        for who in mine:
            if (wait := begin + who.at - time.monotonic()) > 0.002:
                await asyncio.sleep(wait)
            way = way_of(
                who,
                self.accounts.person(who.account),
                time.monotonic,
                period=self.options.period,
                origin=self.origin,
                links=self.links,
            )
            walker = Walker(self, who, way)
            self.walkers.add(walker)
            self.witnesses.append(walker.witness)
            self.coming -= 1
            walker.go(None)
        self.end_if_empty()

    def finished(self, walker: Walker, outcome: Outcome) -> None:
        """Somebody has gone home."""
        now, witness = self.now(), walker.witness
        walker.hang_up()
        walker.until = 0.0
        if walker.line is not None:
            walker.line.close()
            walker.line = None
        walker.over(now)
        witness.went, witness.outcome, witness.number = now, outcome.kind, outcome.number
        witness.code, witness.reason = outcome.code, outcome.reason
        self.ends[outcome.kind] += 1
        self.walkers.discard(walker)
        self.end_if_empty()

    def end_if_empty(self) -> None:
        if not self.coming and not self.walkers:
            self.done.set()

    # What is seen

    async def look(self) -> None:
        """Once a second those whose wait is over; every other second what there is to see."""
        due = self.now()
        while True:
            await asyncio.sleep(1.0)
            now = self.now()
            for walker in [one for one in self.walkers if 0.0 < one.until < now]:
                walker.due()
            if now >= due:
                due = now + SAMPLE_SECONDS - 0.1
                self.tell()

    def tell(self) -> None:
        """Print what was seen since the last time."""
        now = self.now()
        near: Counter[int] = Counter()
        far: Counter[int] = Counter()
        polled: Counter[int] = Counter()
        for walker in self.walkers:
            if walker.shown:
                last = decode(walker.shown)
                ages = polled if walker.polled else near if last.ahead <= NEAR else far
                ages[round(max(0.0, now - datetime.fromisoformat(last.as_of).timestamp()) * 10)] += 1
        sample = WitnessSample(
            share=self.share, at=now, here=len(self.walkers), sockets=self.sockets, near=near, far=far, polled=polled,
            joins=self.joins, frames=self.frames, requests=self.requests, lost=self.lost, codes=dict(self.codes),
            ends=dict(self.ends), took=dict(self.whole.took), arrived=self.whole.arrived,
            arrival_requests=self.whole.requests, arrival_bytes_in=self.whole.bytes_in,
            arrival_bytes_out=self.whole.bytes_out,
        )  # fmt: skip
        self.begin_counts()
        sys.stdout.buffer.write(msgspec.json.encode(sample) + b"\n")
        sys.stdout.buffer.flush()


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.people.throng", description="People of a rehearsal."
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--ca", help="a file of authorities that are believed besides the system's")
    parser.add_argument("--period", default="demo")
    parser.add_argument("--people", type=int, required=True, help="of the whole rehearsal")
    parser.add_argument("--cap", type=int, required=True)
    parser.add_argument("--time-scale", type=float, required=True)
    parser.add_argument("--calls-per-minute", type=int, required=True, help="the period's")
    parser.add_argument("--token-seconds", type=int, required=True, help="the period's")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--whole", type=float, default=0.0, help="share that loads pages and files")
    parser.add_argument("--share", default="0/1", help="which part of them this process is, such as 2/4")
    parser.add_argument("--begin", type=float, required=True, help="steady clock at the opening, seconds")
    parser.add_argument("--wall", type=float, required=True, help="seconds since 1970 at that moment")
    parser.add_argument(
        "--addresses", action="store_true", help="everybody from a loopback address of their own"
    )
    parser.add_argument("--folder", type=Path, required=True, help="where the records go")
    parser.add_argument("--accounts-file", required=True)
    return parser.parse_args(arguments)


async def until_told(options: argparse.Namespace, accounts: AccountPattern) -> None:
    throng = Throng(options, accounts)
    for number in (signal.SIGTERM, signal.SIGINT):
        throng.loop.add_signal_handler(number, throng.done.set)
    await throng.run()
    for task in throng.tasks:  # who was still dialling
        task.cancel()
    await asyncio.gather(*throng.tasks, return_exceptions=True)
    for walker in throng.walkers:
        if walker.presence is not None:
            walker.presence.end(throng.now())
    name = f"people-{throng.share:02d}.json"
    (options.folder / name).write_bytes(msgspec.json.encode(Records(people=throng.witnesses)))


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    accounts = read_accounts(options.accounts_file)
    gc.set_threshold(100_000, 50, 50)  # sixty thousand people are no garbage
    os.nice(NICE)
    uvloop.run(until_told(options, accounts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
