"""How long 81,000 people wait to hear that it is over: once the operator closes the room, once the cap is reached.

As many stood in line in April 2018. A process may have 20,000 files open where this was written, so they are held by
five of them, each with a process of watchers beside it, all on the same cores.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import uvloop

from loadtests.bench.figures import Figure, Found
from loadtests.bench.live import DEMO, PATH, SHUT_SECONDS, BenchService, Watchers, a_crowd, all_of, check
from loadtests.bench.servers import a_service, pinned
from loadtests.bench.submissions import fire, prepare, request, tokens
from loadtests.journey.states import PlaceState
from loadtests.people.tickets import tickets
from loadtests.people.watchers import WatcherCommand

PEOPLE: Final = 81_000

PROCESSES: Final = 5

EACH: Final = PEOPLE // PROCESSES

SOURCES: Final = [f"127.0.0.{2 + place}" for place in range(PROCESSES)]
"""An address for each process of watchers: one has too few ports for all."""

STEP: Final = 500
"""So many sockets of each are opened before more are, so that no process is far ahead."""

SETTLE_SECONDS: Final = 6.0

End = Callable[[], object]


def told_and_closed(crowds: Sequence[Watchers], end: End) -> tuple[float, float]:
    """Seconds until the last was told, and until the last was closed. Raises SystemExit when one was not told."""
    for crowd in crowds:
        crowd.tell(f"{WatcherCommand.UNTIL} {PlaceState.DRAINED}")
    began = time.time()
    end()
    told = [crowd.hear() for crowd in crowds]
    if sum(one["told"] for one in told) != PEOPLE:
        raise SystemExit(f"not all were told that it is over: {told}")
    closed = all_of(crowds, WatcherCommand.CLOSED)
    return last(told) - began, last(closed) - began


def last(answers: Sequence[dict[str, Any]]) -> float:
    return max(float(one["at"]) for one in answers)


def last_place(service: BenchService, folder: Path) -> End:
    """Number 1 was called and is signed in; what is given back submits, and so takes the last place."""
    uvloop.run(tickets(service.url, PATH, 1))
    browsers = prepare(service.database_url, 1, folder, (folder / "data" / "secret_key").read_text())
    time.sleep(2)  # the next tick tells the line who was called
    sent = request(service.url, browsers[0]["cookie"], uvloop.run(tokens(service.url, browsers))[0])
    return lambda: fire(service.url, [sent])


def full(by_cap: bool) -> tuple[float, float]:
    """Everybody in, each with the right place; then the end."""
    servers, generator = pinned()
    with tempfile.TemporaryDirectory(prefix="guichet-drain-") as name, contextlib.ExitStack() as stack:
        options = (*DEMO, "--web", str(PROCESSES), *(("--cap", "1") if by_cap else ()))
        service = BenchService(stack.enter_context(a_service(Path(name), *options)))
        end = last_place(service, Path(name)) if by_cap else service.close
        crowds = stack.enter_context(a_crowd(service, Path(name), SOURCES, servers | generator, EACH))
        for at in range(0, EACH, STEP):
            all_of(crowds, f"{WatcherCommand.OPEN} {min(STEP, EACH - at)}")
        time.sleep(SETTLE_SECONDS)
        check(all_of(crowds, WatcherCommand.POSITIONS), PEOPLE, called=int(by_cap))
        return told_and_closed(crowds, end)


def run() -> Found:
    """About four minutes."""
    figures = []
    for what, by_cap in (("the room is closed", False), ("the cap is reached", True)):
        told, closed = full(by_cap)
        figures += [
            Figure(
                what=f"until {PEOPLE:,} heard that {what}",
                value=told,
                unit="s",
                most=SHUT_SECONDS,
            ),
            Figure(what="until the last socket of them was closed", value=closed, unit="s"),
        ]
    return Found(
        figures,
        {"web processes": str(PROCESSES), "a core each for servers and generator": "no: two cores for all"},
    )
