"""How many joins a second one web process gives out, beside an empty handler under the same uvicorn.

Every join is a new person with an `Idempotency-Key` of its own and is on the disk before it is answered (Valkey with
`appendfsync always`). The web process has a core to itself, as the empty handler has; Valkey and the ticker are on the
generator's, which has time left. Then once more with all of the service on one core, as on the smallest machine.
About two minutes in all.
"""

import contextlib
import os
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import msgspec
import uvloop

from loadtests.bench import barrage
from loadtests.bench.barrage import CONNECTIONS, Volley
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import a_service, an_empty_server, fsync_ms, on_core, pinned

WARM_UP_SECONDS = 2.0

VOLLEY_SECONDS = 5.0

ROUNDS = 5

PATH = "/api/v1/periods/demo/tickets"

DEMO = (
    "--crowd",
    "0",
    "--web",
    "1",
    "--workers",
    "0",
    "--accounts",
    "1",
    "--calls-per-minute",
    "0",
)
"""One web process and a room in which nobody is called, so that joins are all that happens."""


def last_number(url: str) -> int:
    with urlopen(f"{url}/api/v1/periods/demo", timeout=10) as answer:  # noqa: S310  our own demo
        return int(msgspec.json.decode(answer.read())["last_number"])


def fire(url: str, seconds: float) -> Volley:
    """One volley of joins from this process. Raises SystemExit when anything but 201 comes back."""
    parts = urlsplit(url)
    volley = uvloop.run(barrage.fire(parts.hostname or "", parts.port or 80, PATH, seconds))
    if volley.wrong:
        raise SystemExit(f"{volley.wrong} answers were no 201, the first one: {volley.first_wrong!r}")
    return volley


def move(pids: dict[str, list[int]], cores: set[int]) -> None:
    """Let the processes that are no web process run on these cores. Nothing where that cannot be."""
    if hasattr(os, "sched_setaffinity"):
        for kind, theirs in pids.items():
            for pid in theirs if kind != "web" else ():
                for thread in Path(f"/proc/{pid}/task").iterdir():
                    os.sched_setaffinity(int(thread.name), cores)


def measure(rooms: str, empty: str) -> tuple[list[Volley], list[Volley]]:
    """Volleys at both in turn, after one at each to warm up. Raises SystemExit when a number is missing or twice."""
    for url in (empty, rooms):
        fire(url, WARM_UP_SECONDS)
    time.sleep(1.5)  # a process reads the line at most once a second
    before = last_number(rooms)
    volleys = [(fire(rooms, VOLLEY_SECONDS), fire(empty, VOLLEY_SECONDS)) for _ in range(ROUNDS)]
    time.sleep(1.5)
    joins, bares = [one for one, _ in volleys], [other for _, other in volleys]
    given, answered = last_number(rooms) - before, sum(volley.answers for volley in joins)
    if given != answered:
        raise SystemExit(f"{answered} joins were answered, but {given} numbers were given")
    return joins, bares


def run() -> Found:
    """Start both servers on one core, fire from the other, stop everything."""
    servers, generator = pinned()
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        probe = fsync_ms(folder)
        with on_core(servers):
            empty = stack.enter_context(an_empty_server()).url
            service = stack.enter_context(a_service(folder, *DEMO))
        with on_core(generator):
            move(service["pids"], generator)
            joins, bares = measure(service["url"], empty)
            move(service["pids"], servers)
            crowded, beside = measure(service["url"], empty)
    conditions = {
        "one small write to the disk (fsync)": f"{probe:.2f} ms",
        "a core each for web process and generator": "yes" if servers != generator else "no",
    }
    return found((joins, bares), (crowded, beside), conditions)


Volleys = tuple[list[Volley], list[Volley]]
"""At the room, and at the empty handler."""


def found(apart: Volleys, together: Volleys, conditions: dict[str, str]) -> Found:
    """The figures: with a core for the web process alone, and with all of the service on one."""
    (joins, bares), (crowded, beside) = apart, together
    rates, bare = ([round(volley.per_second) for volley in each] for each in (joins, bares))
    crowded_rates, alone = ([round(volley.per_second) for volley in each] for each in (crowded, beside))
    return Found(
        [
            Figure(
                what="joins a second, one web process, each on the disk before its answer",
                value=statistics.median(rates),
                bare=statistics.median(bare),
                least=0.45,
                rounds=tuple(rates),
            ),
            Figure(
                what=f"a join at {CONNECTIONS} connections, p99",
                value=round(statistics.median(volley.within_ms(0.99) for volley in joins), 1),
                unit="ms",
                most=50,
                rounds=tuple(round(volley.within_ms(0.99), 1) for volley in joins),
            ),
            Figure(
                what=f"a join at {CONNECTIONS} connections, p50",
                value=round(statistics.median(volley.within_ms(0.5) for volley in joins), 1),
                unit="ms",
            ),
            Figure(
                what="the same with Valkey and ticker on the web process's core",
                value=statistics.median(crowded_rates),
                bare=statistics.median(alone),
                rounds=tuple(crowded_rates),
            ),
        ],
        {
            "people who joined": f"{sum(volley.answers for volley in joins):,} over {CONNECTIONS} connections",
            "rounds of the empty handler": ", ".join(f"{rate:,}" for rate in bare + alone),
        }
        | conditions,
    )
