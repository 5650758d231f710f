"""The supervisor: starts what the Procfile says on one machine, starts again what dies, ends all of it.

Each child is a process group of its own, so that Ctrl-C reaches the supervisor alone and a child's own children end
with it. On Linux everything ends even when the supervisor is killed (`dies_with_parent`), and a grandchild that lost
its parent is adopted and ended here. Elsewhere a killed supervisor leaves its children running.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from config.processes.embedded import dies_with_parent
from config.processes.procfile import KINDS, ProcessKind, ProcfileLine, runnable
from foundation.metrics import sweep

GRACE_SECONDS = 6.0
"""Between SIGTERM and SIGKILL: a web process closes its sockets within 4 s, and all must be over within 10 s."""

STORE_GRACE_SECONDS = 2.0
"""The same for Valkey, which is asked last and has nothing left to write."""

FIRST_PAUSE_SECONDS = 0.1

LONGEST_PAUSE_SECONDS = 10.0

STEADY_SECONDS = 10.0
"""Pauses before a restart double from the first to the longest, and start anew for a child that lived so long."""

_PR_SET_CHILD_SUBREAPER = 36


class Service(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One child to keep running, equal to itself alone. `ends` says that it may end by itself, with status 0."""

    kind: str
    number: int
    command: tuple[str, ...]
    environ: Mapping[str, str]
    inherits: tuple[int, ...] = ()
    ends: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


def services(
    lines: Sequence[ProcfileLine],
    counts: Mapping[str, int],
    environ: Mapping[str, str],
    listener: int | None = None,
) -> list[Service]:
    """What the Procfile keeps running: each line `counts[name]` times (once when it is not named there).

    `web` inherits the listening socket, if there is one. `release` is not among them: it runs once, before all others.
    """
    found = []
    for line in (line for line in lines if line.name != ProcessKind.RELEASE):
        inherits = (listener,) if line.name == ProcessKind.WEB and listener is not None else ()
        told = {**environ, "LISTEN_FD": str(inherits[0])} if inherits else environ
        for number in range(1, counts.get(line.name, 1) + 1):
            command = runnable(line.command)
            service = Service(kind=line.name, number=number, command=command, environ=told, inherits=inherits)
            found.append(service)
    return found


def release(lines: Sequence[ProcfileLine], environ: Mapping[str, str]) -> Service | None:
    """What the Procfile runs before all others."""
    for line in lines:
        if line.name == ProcessKind.RELEASE:
            return Service(
                kind=ProcessKind.RELEASE, number=1, command=runnable(line.command), environ=environ
            )
    return None


class Supervisor:
    """Keeps services running until `stop`. Use it inside one event loop, in the main thread.

    `folder` gets `logs/` and `pids.json`; `say` takes one line for the person who watches.
    """

    def __init__(
        self,
        folder: Path,
        say: Callable[[str], None],
        metrics: Path | None = None,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self.folder = folder
        self.say = say
        self.metrics = metrics
        self.grace_seconds = grace_seconds
        self.stopping = asyncio.Event()
        self.deaths = 0
        self._pids_written = True
        self._running: dict[Service, asyncio.subprocess.Process] = {}
        self._serving: set[Service] = set()
        self._retired: set[Service] = set()
        self._tasks: dict[Service, asyncio.Task[None]] = {}
        self._not_ours = set(children())
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    @property
    def pids(self) -> dict[str, list[int]]:
        """The processes that run now, by kind."""
        found: dict[str, list[int]] = {kind: [] for kind in KINDS}
        for service, process in sorted(self._running.items(), key=lambda item: item[0].number):
            if service.kind in found:
                found[service.kind].append(process.pid)
        return found

    @property
    def kept(self) -> list[Service]:
        """What is kept running, in the order of its start."""
        return list(self._tasks)

    def serving(self, service: Service) -> bool:
        """Whether a `web` process has said that it serves; any other one only runs."""
        return service in (self._serving if service.kind == ProcessKind.WEB else self._running)

    def log(self, service: Service) -> Path:
        return self.folder / "logs" / f"{service.kind}-{service.number}.log"

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT set `stopping`; a second one ends the wait for children that take their time."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)

    def _asked_to_stop(self) -> None:
        if self.stopping.is_set():
            self._signal_all(signal.SIGKILL)
        self.stopping.set()

    def start(self, service: Service) -> None:
        """Keep this service running from now on."""
        self._tasks[service] = asyncio.create_task(self._keep(service), name=str(service))

    async def once(self, service: Service) -> int:
        """Run a service to its end and give its status; `stop` ends it like the others."""
        process = await self._spawn(service)
        self._running[service] = process
        try:
            return await process.wait()
        finally:
            del self._running[service]

    async def _keep(self, service: Service) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._over(service):
            began = time.monotonic()
            how = await self._live(service)
            if self._over(service):
                return
            if how == 0 and service.ends:
                self.say(f"{service} has done its work")
                return
            if time.monotonic() - began >= STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self.deaths += 1
            self.say(f"{service} ended ({ending(how)}); starting it again in {pause:.1f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _over(self, service: Service) -> bool:
        return self.stopping.is_set() or service in self._retired

    async def retire(self, service: Service, by: signal.Signals, seconds: float) -> None:
        """End this service for good: asked by a signal, killed when it takes longer than this."""
        self._retired.add(service)
        self._signal(service, by)
        if not await self._gone([service], seconds):
            self.say(f"{service} did not end within {seconds:g} s and is killed")
            self._signal(service, signal.SIGKILL)
        await asyncio.wait({self._tasks[service]})
        del self._tasks[service]
        self._retired.discard(service)

    async def _live(self, service: Service) -> int | str:
        """One life of a service: its exit status, or why it could not be started."""
        try:
            process = await self._spawn(service)
        except OSError as problem:
            return str(problem)
        self._running[service] = process
        self._write_pids()
        status = await process.wait()
        del self._running[service]
        self._serving.discard(service)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # what it may have started and left behind
        if self.metrics is not None:
            with contextlib.suppress(OSError):
                sweep(self.metrics)
        self._write_pids()
        return status

    async def _spawn(self, service: Service) -> asyncio.subprocess.Process:
        with contextlib.ExitStack() as open_here:
            output = open_here.enter_context(self.log(service).open("ab"))
            environ, inherits = dict(service.environ), service.inherits
            if service.kind == ProcessKind.WEB:
                hearing, saying = os.pipe()
                open_here.callback(os.close, saying)
                asyncio.get_running_loop().add_reader(hearing, self._heard, service, hearing)
                environ, inherits = {**environ, "READY_FD": str(saying)}, (*inherits, saying)
            process = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environ,
                pass_fds=inherits,
                process_group=0,
                preexec_fn=dies_with_parent(),
            )
        if self.stopping.is_set():  # asked to stop while it was being started
            process.kill()
        return process

    def _heard(self, service: Service, hearing: int) -> None:
        """A web process wrote that it serves; or it ended without a word, which `_live` sees too."""
        asyncio.get_running_loop().remove_reader(hearing)
        if os.read(hearing, 1):
            self._serving.add(service)
        os.close(hearing)

    def _write_pids(self) -> None:
        """Replace `pids.json` in one step, so that a reader never sees half of it."""
        fresh = self.folder / "pids.json.new"
        try:
            fresh.write_bytes(msgspec.json.encode(self.pids))
            fresh.replace(self.folder / "pids.json")
            self._pids_written = True
        except OSError as problem:
            if self._pids_written:
                self.say(f"pids.json cannot be written: {problem}")
            self._pids_written = False

    async def stop(self) -> None:
        """End everything within 10 s: first what uses the store, then the store; nothing is left."""
        self.stopping.set()
        await self._end([s for s in self._running if s.kind != ProcessKind.REDIS], self.grace_seconds)
        await self._end(list(self._running), STORE_GRACE_SECONDS)
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=1)
        end_adopted(self._not_ours)
        self._write_pids()

    async def _end(self, services: list[Service], grace_seconds: float) -> None:
        for service in services:
            self._signal(service, signal.SIGTERM)
        if not await self._gone(services, grace_seconds):
            for service in services:
                if service in self._running:
                    self.say(f"{service} did not end within {grace_seconds:g} s and is killed")
                    self._signal(service, signal.SIGKILL)
            await self._gone(services, 1.0)

    async def _gone(self, services: list[Service], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while any(service in self._running for service in services):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    def _signal_all(self, number: signal.Signals) -> None:
        for service in list(self._running):
            self._signal(service, number)

    def _signal(self, service: Service, number: signal.Signals) -> None:
        """To the child alone for SIGTERM, which it passes on as it sees fit; to its whole group for SIGKILL."""
        process = self._running.get(service)
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)


def ending(how: int | str) -> str:
    """`status 1`, `signal 9 (Killed)`, or why it did not start."""
    if isinstance(how, str):
        return how
    return f"signal {-how} ({signal.strsignal(-how)})" if how < 0 else f"status {how}"


def end_adopted(not_ours: set[int]) -> None:
    """Kill the grandchildren that this process adopted (Linux), until none is left."""
    for _ in range(100):
        adopted = [pid for pid in children() if pid not in not_ours]
        if not adopted:
            return
        for pid in adopted:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def children() -> Iterator[int]:
    """The processes whose parent is this one, from /proc; none where there is no /proc."""
    me = str(os.getpid())
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            if stat.read_text(errors="replace").rpartition(")")[2].split()[1] == me:
                yield int(stat.parent.name)
