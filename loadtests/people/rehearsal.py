"""All the people of a rehearsal: starts the processes of `throng.py`, gathers what they see, and reads what they kept.

Bounded in time, and leaves no process behind: whatever is still there at the end is ended.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from loadtests.journey.accounts import AccountPattern
from loadtests.people.scale import Scale, processes
from loadtests.people.witness import Records, Witness, WitnessSample

START_SECONDS = 3.0
"""From the start of the processes to the opening: a process of 15,000 people needs a second to draw them."""

DRAWN_A_SECOND = 3_000

GOODBYE_SECONDS = 30.0

SAY_SECONDS = 10.0

USAGE_SECONDS = 2.0

LINE_BYTES = 4 * 1024 * 1024


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the people visit, and how they come."""

    url: str
    period: str
    scale: Scale
    seed: int
    accounts: AccountPattern
    folder: Path
    whole: float
    """So many of the people arrive as browsers do, 0 to 1."""
    addresses: bool
    """Everybody from a loopback address of their own."""
    ca: str | None = None
    """A file of authorities that are believed besides the system's, where `url` is https."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What each kind of process used at one moment: processor seconds since its start, and resident bytes."""

    at: float
    seconds: dict[str, float]
    rss: dict[str, int]


class RehearsalSeen(msgspec.Struct, kw_only=True):
    """What the people saw. `began` is the opening, in seconds since 1970."""

    began: float
    seconds: float = 0.0
    complete: bool = False
    """Everybody went home by themselves."""
    samples: list[WitnessSample] = []
    usage: list[Usage] = []


class RehearsalCrowd:
    """The processes of one rehearsal."""

    def __init__(self, task: Task, pids: Mapping[str, Sequence[int]], say: Callable[[str], None]) -> None:
        self.task, self.pids, self.say = task, pids, say
        self.count = processes(task.scale.people)
        lead = START_SECONDS + task.scale.people / self.count / DRAWN_A_SECOND
        self.begin = time.monotonic() + lead
        self.seen = RehearsalSeen(began=time.time() + lead)
        self.children: list[asyncio.subprocess.Process] = []
        self.last: dict[int, WitnessSample] = {}
        self.ends: dict[str, int] = {}

    async def run(self) -> RehearsalSeen:
        """From before the opening until the last one has gone, or the time is up."""
        try:
            self.children = [await self.start(share) for share in range(self.count)]
            readers = [asyncio.create_task(self.read(child)) for child in self.children]
            watching = [asyncio.create_task(self.watch()), asyncio.create_task(self.talk())]
            lead = self.begin - time.monotonic()
            done, late = await asyncio.wait(readers, timeout=lead + self.task.scale.most_seconds)
            self.seen.complete = not late
            if late:
                self.say(
                    f"{sum(sample.here for sample in self.last.values())} people are still there: sent home"
                )
                self.tell_all_to_go()
                await asyncio.wait(readers, timeout=GOODBYE_SECONDS)
            for task in watching:
                task.cancel()
            self.seen.seconds = time.monotonic() - self.begin
            for reader in done:
                reader.result()
        finally:
            await self.end()
        return self.seen

    async def start(self, share: int) -> asyncio.subprocess.Process:
        task, scale = self.task, self.task.scale
        command = [
            sys.executable, "-P", "-m", "loadtests.people.throng", "--url", task.url, "--period", task.period,
            "--people", str(scale.people), "--cap", str(scale.cap), "--time-scale", repr(scale.time_scale),
            "--calls-per-minute", str(scale.calls_per_minute), "--token-seconds", str(scale.token_seconds),
            "--seed", str(task.seed), "--whole", repr(task.whole), "--share", f"{share}/{self.count}",
            "--begin", repr(self.begin), "--wall", repr(self.seen.began), "--folder", str(task.folder),
            "--accounts-file", "-", *(["--addresses"] if task.addresses else []),
            *(["--ca", task.ca] if task.ca else []),
        ]  # fmt: skip
        child = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LINE_BYTES
        )
        assert child.stdin is not None
        child.stdin.write(msgspec.json.encode(task.accounts))
        child.stdin.close()
        return child

    async def read(self, child: asyncio.subprocess.Process) -> None:
        """Every sample of one process, to its end. Raises RuntimeError when it did not end well."""
        assert child.stdout is not None
        async for line in child.stdout:
            sample = msgspec.json.decode(line, type=WitnessSample)
            self.seen.samples.append(sample)
            self.last[sample.share] = sample
            for kind, count in sample.ends.items():
                self.ends[kind] = self.ends.get(kind, 0) + count
        if await child.wait() != 0:
            raise RuntimeError(f"a process of people ended with status {child.returncode}")

    async def watch(self) -> None:
        mine = {"people": [child.pid for child in self.children]}
        while True:
            self.seen.usage.append(usage({**self.pids, **mine}))
            await asyncio.sleep(USAGE_SECONDS)

    async def talk(self) -> None:
        """One line now and then for the person who watches."""
        while True:
            await asyncio.sleep(SAY_SECONDS)
            here = sum(sample.here for sample in self.last.values())
            ends = ", ".join(f"{count} {kind}" for kind, count in sorted(self.ends.items()))
            self.say(
                f"{time.monotonic() - self.begin:.0f} s: {here} people here; {ends or 'nobody has gone'}"
            )

    def tell_all_to_go(self) -> None:
        for child in self.children:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.terminate()

    async def end(self) -> None:
        """Nothing is left, whatever happened."""
        self.tell_all_to_go()
        for child in self.children:
            try:
                await asyncio.wait_for(child.wait(), GOODBYE_SECONDS)
            except TimeoutError:
                child.kill()
                await child.wait()


def usage(pids: Mapping[str, Sequence[int]]) -> Usage:
    """What these processes have used, by /proc; nothing where there is none."""
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    seconds: dict[str, float] = {}
    rss: dict[str, int] = {}
    for kind, some in pids.items():
        for pid in some:
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                seconds[kind] = seconds.get(kind, 0.0) + (int(fields[11]) + int(fields[12])) / tick
                rss[kind] = rss.get(kind, 0) + int(fields[21]) * page
    return Usage(at=time.time(), seconds=seconds, rss=rss)


def records(folder: Path) -> list[Witness]:
    """What everybody kept, from the files of all processes. Raises msgspec.DecodeError for a file that is none."""
    people: list[Witness] = []
    for path in sorted(folder.glob("people-*.json")):
        people += msgspec.json.decode(path.read_bytes(), type=Records).people
    return people
