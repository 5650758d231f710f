"""What a person with a browser costs: the arrival, its single requests, a minute of waiting.

The service has one core and the browsers another, as the empty handler beside it has. All processor time is that of
processes, user and system. The service may be one of another checkout: what is done here leans on its pages alone.
About two minutes.
"""

import contextlib
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import uvloop

from loadtests.bench.arrival import arrivals, single_requests, waiting
from loadtests.bench.arrival.arrivals import ROUNDS, ArrivalRound, EmptyHandler
from loadtests.bench.arrival.plan import ArrivalPlan, scout
from loadtests.bench.arrival.processor import ServiceEffort, ServiceProcesses
from loadtests.bench.arrival.single_requests import RequestRates
from loadtests.bench.arrival.waiting import WaitingMinute
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import a_service, an_empty_server, on_core, pinned
from loadtests.journey.accounts import AccountPattern

CALLS_A_MINUTE: Final = 300

DEMO: Final = (
    "--crowd", "0", "--web", "1", "--workers", "0", "--accounts", str(single_requests.CALLED * 2),
)  # fmt: skip

ARRIVAL: Final = "processor time of an arrival"

MINUTE: Final = "processor time of a person's minute of waiting"

BARS: Final = {
    "the room page of a newcomer": (0.4, 0.6),
    "the room page of somebody in line": (0.2, 0.3),
    "a poll of tickets/me by cookie": (0.4, 0.6),
    "a poll of tickets/me by Bearer": (0.4, 0.6),
    "the home page": (0.2, 0.4),
    "the sign-in page of somebody called": (0.2, 0.4),
    "the review page, signed in and called": (0.2, 0.4),
}
"""Of an empty handler: what has to be reached, and what is aimed at."""

FILE_BAR: Final = (0.6, 0.8)


class Cores(NamedTuple):
    """Of the servers, and of the browsers."""

    servers: set[int]
    generator: set[int]


class ServiceBesideBare(NamedTuple):
    """A demo that serves, and the empty handler beside it."""

    ready: dict[str, Any]
    processes: ServiceProcesses
    bare: EmptyHandler
    folder: Path

    @property
    def url(self) -> str:
        return str(self.ready["url"])


@contextlib.contextmanager
def serving(cores: Cores, checkout: Path | None, calls_a_minute: int) -> Iterator[ServiceBesideBare]:
    """Both, on the servers' core; what runs inside is on the generator's."""
    with tempfile.TemporaryDirectory(prefix="guichet-arrival-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        options = (*DEMO, "--calls-per-minute", str(calls_a_minute))
        with on_core(cores.servers):
            bare = stack.enter_context(an_empty_server())
            ready = stack.enter_context(a_service(folder, *options, checkout=checkout))
        stack.enter_context(on_core(cores.generator))
        handler = EmptyHandler(bare.url.removeprefix("http://"), bare.pid)
        yield ServiceBesideBare(ready, ServiceProcesses(ready), handler, folder)


class Measured(NamedTuple):
    """Everything of one run."""

    plan: ArrivalPlan
    rounds: list[ArrivalRound]
    steps: list[tuple[str, ServiceEffort]]
    rates: list[RequestRates]
    still: WaitingMinute
    moving: WaitingMinute


def measure(checkout: Path | None = None) -> Measured:
    """At the service of this checkout, or of another one."""
    cores = Cores(*pinned())
    with serving(cores, checkout, 0) as room:
        plan = scout(room.url)
        uvloop.run(arrivals.warm_up(plan, room.bare))
        rounds = [uvloop.run(arrivals.measure(plan, room.processes, room.bare)) for _ in range(ROUNDS)]
        steps = uvloop.run(arrivals.step_by_step(plan, room.processes))
        asked = single_requests.of_the_room(plan, rounds[-1].cookies) + single_requests.of_files(
            plan, room.url
        )
        rates = uvloop.run(single_requests.measure(asked, plan.host, room.processes, room.bare))
        arrivals.check_plan(plan, room.url)
        still = waiting.measure(room.url, room.processes, room.folder, cores.generator)
    with serving(cores, checkout, CALLS_A_MINUTE) as room:
        accounts = msgspec.convert(room.ready["accounts"], AccountPattern)
        host = room.url.removeprefix("http://")
        asked = single_requests.of_the_called(room.url, host, accounts)
        rates += uvloop.run(single_requests.measure(asked, host, room.processes, room.bare))
        moving = waiting.measure(room.url, room.processes, room.folder, cores.generator)
    return Measured(plan, rounds, steps, rates, still, moving)


def run(checkout: Path | None = None) -> Found:
    """The section: an arrival first, then what it is made of."""
    found = measure(checkout)
    files = [rate for rate in found.rates if rate.what not in BARS]
    return Found(
        [*_of_arrivals(found), *_of_waiting(found), *map(_of_a_page, found.rates), *_of_files(files)],
        {
            "an arrival is": ", ".join(one.what for one in found.plan.requests),
            "of it, in µs of the web process": arrivals.shown(found.steps),
            "beside it, a round": _beside(found.rounds),
            "arrivals a round": f"{arrivals.ARRIVALS:,}, {len(found.rounds)} rounds, on a connection each",
        },
    )


def _of_arrivals(found: Measured) -> list[Figure]:
    each = [round_.effort.web / arrivals.ARRIVALS * 1000 for round_ in found.rounds]
    whole = [round_.effort.all / arrivals.ARRIVALS * 1000 for round_ in found.rounds]
    bare = statistics.median(round_.bare for round_ in found.rounds) / arrivals.ARRIVALS * 1000
    return [
        Figure(
            what=f"{ARRIVAL}, web process, beside as many requests to an empty handler",
            value=statistics.median(each), unit="ms", bare=bare, most=3.0, goal=2.0, rounds=tuple(each),
        ),
        Figure(
            what=f"{ARRIVAL}, with ticker and Valkey", value=statistics.median(whole), unit="ms", bare=bare,
            rounds=tuple(whole),
        ),
        Figure(what="requests of an arrival, the live feed included", value=len(found.plan.requests)),
        Figure(
            what="bytes of an arrival, heads included",
            value=statistics.median(one.received for one in found.rounds) / arrivals.ARRIVALS / 1024,
            unit="KiB", most=20, goal=14,
        ),
    ]  # fmt: skip


def _of_waiting(found: Measured) -> list[Figure]:
    return [
        figure
        for minute, where in (
            (found.moving, f"{CALLS_A_MINUTE} calls a minute"),
            (found.still, "nobody is called"),
        )
        for figure in (
            Figure(what=f"{MINUTE}, {where}", value=minute.effort.web * 1000, unit="ms"),
            Figure(
                what=f"bytes of a person's minute of waiting, {where}",
                value=minute.received / 1024,
                unit="KiB",
            ),
        )
    ]


def _of_a_page(rate: RequestRates) -> Figure:
    least, goal = BARS.get(rate.what, (None, None))
    return Figure(
        what=f"{rate.what}, answers a second of the processor", value=round(statistics.median(rate.ours)),
        bare=round(statistics.median(rate.ours) / rate.ratio), least=least, goal=goal, rounds=tuple(rate.ours),
    )  # fmt: skip


def _of_files(files: Sequence[RequestRates]) -> list[Figure]:
    """The slowest of the static files, whole and unchanged."""
    kinds = (("a static file, the slowest", False), ("a static file unchanged (304), the slowest", True))
    slowest = [(what, min((one for one in files if (", 304" in one.what) is unchanged), key=_ratio, default=None))
               for what, unchanged in kinds]  # fmt: skip
    return [
        Figure(
            what=f"{what}, answers a second of the processor", value=round(statistics.median(rate.ours)),
            bare=round(statistics.median(rate.ours) / rate.ratio), least=FILE_BAR[0], goal=FILE_BAR[1],
        )
        for what, rate in slowest if rate is not None
    ]  # fmt: skip


def _ratio(rate: RequestRates) -> float:
    return rate.ratio


def _beside(rounds: Sequence[ArrivalRound]) -> str:
    """What the other processes took of it."""
    return "; ".join(f"ticker {one.effort.ticker:.2f} s, Valkey {one.effort.store:.2f} s" for one in rounds)
