"""A stampede against a demo of its own, service and people on this machine: played, judged, written down.

    python -m loadtests.stampede --people 60000 --seconds 60
    python -m loadtests.stampede --shape reload --people 60000 --seconds 10 --press 60

Starts the demo and the processes of the people, bounded in time, and leaves nothing running. Linux, for its epoll and
its sixteen million loopback addresses. Exit status 1 when a bar was missed or a promise broke: fails closed.
"""

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from loadtests.bench.figures import machine, versions
from loadtests.people.rehearsal import Usage, usage
from loadtests.people.scale import processes
from loadtests.run import ready, stop, verify
from loadtests.stampede import report
from loadtests.stampede.records import PATIENCE_SECONDS, StampedeMoment, StampedePart, StampedeTask
from loadtests.stampede.report import StampedeRun
from loadtests.stampede.states import StampedeShape
from loadtests.stampede.verdict import judge

PERIOD = "demo"

CAP = 5073

CALLS_PER_MINUTE = 30
"""As on the day; a stampede is over before many are called."""

SOCKETS_A_WEB_PROCESS = 13_000
"""On average, of 20,000 open files: the kernel hands new connections to a process that is awake, so some get more."""

LEAD_SECONDS = 3.0
"""From the start of the processes of people to the first arrival: each makes its people first."""

MADE_A_SECOND = 10_000

OPENS_IN_SECONDS = 30.0
"""From the demo's start to the first reload: it has to be ready by then, and the people too."""

GOODBYE_SECONDS = 60.0

GIVEN = ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL")
"""Settings that are not passed on: what they name is no demo's."""

SAY_SECONDS = 5.0


class StampedeUsage(msgspec.Struct, kw_only=True):
    """What the processes had used before, when everybody had arrived, and after the wait behind it."""

    before: Usage
    arrived: Usage
    held: Usage


def say(line: str) -> None:
    sys.stderr.write(f"stampede: {line}\n")
    sys.stderr.flush()


def run(options: argparse.Namespace, folder: Path) -> StampedeRun:
    """One stampede, its folder a temporary one. Raises SystemExit when the demo does not start."""
    with demo(options, folder) as announced:
        task = task_for(options, announced["url"], folder)
        seen = asyncio.run(play(task, options.hold, announced["pids"]))
        kept = verify(announced) == 0
    parts = [
        msgspec.json.decode(path.read_bytes(), type=StampedePart)
        for path in sorted(folder.glob("people-*.json"))
    ]
    return StampedeRun(
        command=" ".join(["python -m loadtests.stampede", *asked(options)]),
        shape=options.shape,
        people=options.people,
        seconds=options.seconds,
        press_seconds=options.press,
        web=web_of(options),
        looks=options.looks,
        machine=machine(),
        versions=versions(),
        before=seen.before,
        arrived=seen.arrived,
        held=seen.held,
        verified=kept,
        verdict=judge(parts, options.shape, task.begin + task.seconds),
    )


def asked(options: argparse.Namespace) -> list[str]:
    """The options that decide what happens, as they are typed."""
    words = [f"--shape {options.shape} --people {options.people} --seconds {options.seconds:g}"]
    words += [
        f"--press {options.press:g} --hold {options.hold:g} --web {web_of(options)} --seed {options.seed}"
    ]
    words += ["--looks"] if options.looks else []
    return words + ([f"--patience {options.patience:g}"] if options.patience != PATIENCE_SECONDS else [])


def web_of(options: argparse.Namespace) -> int:
    return options.web or max(2, processes(options.people, SOCKETS_A_WEB_PROCESS))


@contextlib.contextmanager
def demo(options: argparse.Namespace, folder: Path) -> Iterator[dict[str, Any]]:
    """A demo without a crowd and with limits: what READY says. Ended afterwards."""
    flags = {"--crowd": 0, "--port": 0, "--accounts": 100, "--cap": CAP, "--web": web_of(options)}
    flags |= {"--calls-per-minute": CALLS_PER_MINUTE}
    words = [str(part) for flag in flags.items() for part in flag]
    if options.shape is StampedeShape.RELOAD:
        words += ["--opens-in", str(lead(options) + options.seconds + OPENS_IN_SECONDS)]
    log = folder / "demo.log"
    own = {name: value for name, value in os.environ.items() if name not in GIVEN}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "config", "demo", "--limits", *words, "--data", str(folder / "data")],
            stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True, env=own,
        )  # fmt: skip
    try:
        yield ready(process, log)
    finally:
        stop(process)


def lead(options: argparse.Namespace) -> float:
    return LEAD_SECONDS + float(options.people) / MADE_A_SECOND


def task_for(options: argparse.Namespace, url: str, folder: Path) -> StampedeTask:
    """Raises SystemExit when a period opens before everybody could reload."""
    parts, begin = urlsplit(url), time.monotonic() + lead(options)
    if options.shape is StampedeShape.RELOAD:
        opening = time.monotonic() + opens_at(url) - time.time()
        if opening - options.seconds < begin:
            raise SystemExit(
                f"the demo took too long to start: its period opens in {opening - time.monotonic():.0f} s"
            )
        begin = opening - options.seconds
    return StampedeTask(
        host=parts.hostname or "", port=parts.port or 80, period=PERIOD, people=options.people, shape=options.shape,
        seed=options.seed, begin=begin, seconds=options.seconds, press_seconds=options.press, looks=options.looks,
        most_seconds=options.most, patience_seconds=options.patience, folder=str(folder),
        shares=processes(options.people),
    )  # fmt: skip


def opens_at(url: str) -> float:
    """The opening of the demo's period, in seconds since 1970."""
    with urllib.request.urlopen(f"{url.rstrip('/')}/api/v1/periods/{PERIOD}", timeout=10) as answer:  # noqa: S310  ours
        return datetime.fromisoformat(json.load(answer)["opens_at"]).timestamp()


class StampedePeople:
    """The processes of the people, and what they last said."""

    def __init__(self, task: StampedeTask, hold: float, pids: Mapping[str, Sequence[int]]) -> None:
        self.task, self.hold, self.pids = task, hold, pids
        self.children: list[asyncio.subprocess.Process] = []
        self.last: dict[int, StampedeMoment] = {}

    async def start(self) -> None:
        for share in range(self.task.shares):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "loadtests.stampede.crowd",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            self.children.append(child)
            assert child.stdin is not None
            child.stdin.write(msgspec.json.encode(msgspec.structs.replace(self.task, share=share)))
            child.stdin.close()

    async def read(self, child: asyncio.subprocess.Process) -> None:
        """Raises RuntimeError when a process did not end well."""
        assert child.stdout is not None
        async for line in child.stdout:
            moment = msgspec.json.decode(line, type=StampedeMoment)
            self.last[moment.share] = moment
        if await child.wait() != 0:
            raise RuntimeError(f"a process of people ended with status {child.returncode}")

    def used(self) -> Usage:
        mine = usage({**self.pids, "people": [child.pid for child in self.children]})
        return msgspec.structs.replace(mine, seconds=mine.seconds | whole_machine())

    def count(self, name: str) -> int:
        return sum(getattr(moment, name) for moment in self.last.values())

    def state(self) -> str:
        return f"{self.count('done')} arrived, {self.count('sockets')} live feeds"

    async def everybody(self, readers: Sequence[asyncio.Task[None]]) -> None:
        """Return when everybody has arrived or failed, or their processes have ended by themselves."""
        said = time.monotonic()
        while self.count("done") < self.task.people and not all(reader.done() for reader in readers):
            if any(reader.done() and reader.exception() for reader in readers):
                return
            await asyncio.sleep(0.1)
            if time.monotonic() > said + SAY_SECONDS:
                said = time.monotonic()
                say(f"{said - self.task.begin:.0f} s: {self.count('here')} came, {self.state()}")

    async def end(self) -> None:
        """Nothing is left, whatever happened."""
        for child in self.children:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.terminate()
        for child in self.children:
            try:
                await asyncio.wait_for(child.wait(), GOODBYE_SECONDS)
            except TimeoutError:
                child.kill()
                await child.wait()


def whole_machine() -> dict[str, float]:
    """Processor seconds since the start of everything on this machine, by /proc: all work, the part of it that the
    kernel did for the network in nobody's name, and what the host gave to others."""
    tick = os.sysconf("SC_CLK_TCK")
    fields = [int(text) / tick for text in Path("/proc/stat").read_text().partition("\n")[0].split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, steal = fields
    return {"all": user + nice + system + irq + softirq, "softirq": irq + softirq, "steal": steal}


async def play(task: StampedeTask, hold: float, pids: Mapping[str, Sequence[int]]) -> StampedeUsage:
    """From before the first arrival until everybody has waited for `hold` seconds, or the time was up."""
    people = StampedePeople(task, hold, pids)
    try:
        await people.start()
        readers = [asyncio.create_task(people.read(child)) for child in people.children]
        await asyncio.sleep(max(0.0, task.begin - time.monotonic() - 0.1))
        before = people.used()
        await people.everybody(readers)
        arrived = people.used()
        await asyncio.sleep(hold)
        held = people.used()
        say(f"of {task.people}: {people.state()}")
    finally:
        await people.end()
    await asyncio.gather(*readers)
    return StampedeUsage(before=before, arrived=arrived, held=held)


def write(done: StampedeRun, page: Path | None, json_: Path | None) -> None:
    if page is not None:
        page.write_text(report.page(done), encoding="utf-8")
    if json_ is not None:
        json_.write_bytes(report.as_json(done))
