"""Every process replaced by a new one while people are inside: how new code comes into a running service.

One after the other, and each only when its successor serves: the listening socket is the supervisor's and stays open,
so no connection is refused, and the feeds of an old web process are sent to the others little by little.
"""

import asyncio
import signal
import time

import msgspec

from config.processes.procfile import ProcessKind
from config.processes.supervisor import Service, Supervisor

READY_SECONDS = 60.0
"""A busy machine takes this long to start a web process; one that does not serve then never will."""

STEADY_SECONDS = 2.0
"""A ticker or a worker that still runs after so long has found its stores."""

RETIRE_SECONDS = 20.0
"""A web process sends its people away over 10 s, then ends its last requests; a worker finishes its task."""

ROLLED = (ProcessKind.WEB, ProcessKind.TICKER, ProcessKind.WORKER)
"""In this order: the pages first, then what calls. Two tickers or two workers at once do no harm."""


async def roll(supervisor: Supervisor, release: Service | None) -> bool:
    """Apply migrations, then replace each process. False, with a line that says why, when it was given up half-way.

    What runs goes on running in that case: a release that fails or a process that does not start ends the attempt
    before anything of it was ended. Migrations only add, so old and new code run side by side meanwhile.
    """
    supervisor.say("a rolling restart begins")
    if release is not None and await supervisor.once(release) != 0:
        supervisor.say(
            f"the rolling restart ends here: the tables could not be made, see {supervisor.log(release)}"
        )
        return False
    for kind in ROLLED:
        for old in [service for service in supervisor.kept if service.kind == kind]:
            if supervisor.stopping.is_set() or not await replace(supervisor, old):
                return False
    supervisor.say("the rolling restart is done: every process is a new one")
    return True


async def replace(supervisor: Supervisor, old: Service) -> bool:
    """Start the successor of one process, and end the old one once it serves. False when it never does."""
    new = msgspec.structs.replace(old)
    deaths = supervisor.deaths
    supervisor.start(new)
    if not await serves(supervisor, new):
        supervisor.say(
            f"the rolling restart ends here: the new {new} does not serve, see {supervisor.log(new)}"
        )
        await supervisor.retire(new, signal.SIGKILL, 1.0)
        supervisor.deaths = deaths
        return False
    await supervisor.retire(
        old, signal.SIGUSR1 if old.kind == ProcessKind.WEB else signal.SIGTERM, RETIRE_SECONDS
    )
    return True


async def serves(supervisor: Supervisor, service: Service) -> bool:
    """Whether this process serves in time; any but a web process has to run for a while."""
    began, steady = time.monotonic(), 0.0 if service.kind == ProcessKind.WEB else STEADY_SECONDS
    deaths = supervisor.deaths
    while time.monotonic() < began + READY_SECONDS and not supervisor.stopping.is_set():
        if supervisor.serving(service) and time.monotonic() >= began + steady:
            return True
        if supervisor.deaths > deaths + 2:
            return False
        await asyncio.sleep(0.05)
    return False
