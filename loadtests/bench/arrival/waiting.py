"""What a minute of waiting costs, for one person: processor time of the web process, and bytes on the line."""

import contextlib
import time
from pathlib import Path
from typing import Final, NamedTuple

import uvloop

from loadtests.bench.arrival.processor import ServiceEffort, ServiceProcesses
from loadtests.bench.live import PATH, watchers
from loadtests.bench.servers import on_core
from loadtests.people.tickets import tickets
from loadtests.people.watchers import WatcherCommand

SOCKETS: Final = 2_000

SECONDS: Final = 20.0

SETTLE_SECONDS: Final = 3.0


class WaitingMinute(NamedTuple):
    """One person's minute."""

    effort: ServiceEffort
    received: float
    """Bytes."""
    frames: float


def measure(url: str, of: ServiceProcesses, folder: Path, generator: set[int]) -> WaitingMinute:
    """Let 2,000 join and watch; listen for 20 s. All that the web process does meanwhile is theirs."""
    with on_core(generator), contextlib.ExitStack() as stack:
        file = folder / "tickets"
        file.write_text("\n".join(uvloop.run(tickets(url, PATH, SOCKETS))))
        crowd = stack.enter_context(watchers(url, "--tickets", str(file)))
        crowd.ask(f"{WatcherCommand.OPEN} {SOCKETS}")
        time.sleep(SETTLE_SECONDS)
        before, began = of.effort(), time.monotonic()
        found = crowd.ask(f"{WatcherCommand.MEASURE} {SECONDS:g}")
        effort, minutes = of.effort() - before, (time.monotonic() - began) / 60
    if found["sockets"] != SOCKETS:
        raise SystemExit(f"{found['sockets']} of {SOCKETS} sockets are open: {found['closed']}")
    each = minutes * SOCKETS
    return WaitingMinute(
        ServiceEffort(*(part / each for part in effort)), found["bytes"] / each, found["frames"] / each
    )
