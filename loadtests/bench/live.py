"""What the live feed costs: memory a socket, messages a second and the work between them, beside a bare fan-out.

Bare is a uvicorn with `websockets-sansio` whose whole application accepts, and sends one small text to every connection
each second. The sockets are the same, from the same client (`watchers.py`), on another core than the servers.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import msgspec
import redis
import uvicorn
import uvloop

from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import BACKLOG, a_service, on_core, pinned
from loadtests.journey.states import PlaceState
from loadtests.people.tickets import tickets
from loadtests.people.watchers import WatcherCommand
from loadtests.run import look, stop

SOCKETS: Final = 18_000
"""In one process, which may have 20,000 files open where this was written."""

FIRST: Final = 1_000

MEASURE_SECONDS: Final = 10.0

SETTLE_SECONDS: Final = 3.0

SHUT_SECONDS: Final = 10.0

FRAME: Final = '{"type":"position","ahead":1234}'

DEMO: Final = (
    "--crowd", "0", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0",
)  # fmt: skip

PATH: Final = "/api/v1/periods/demo/tickets"


class Bare:
    """The application that is only a fan-out."""

    def __init__(self) -> None:
        self.sends: set[Any] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        self.sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.sends.discard(send)

    async def fan_out(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            for send in list(self.sends):
                with contextlib.suppress(Exception):  # one that left in this moment
                    await send({"type": "websocket.send", "text": FRAME})


def serve_bare(handle: int) -> None:
    """Serve `Bare` on an inherited socket as `guichet web` serves."""
    app = Bare()
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", ws="websockets-sansio", lifespan="off", backlog=BACKLOG,
        proxy_headers=False, access_log=False, server_header=False, log_config=None,
    )  # fmt: skip

    async def both() -> None:
        fanning = asyncio.create_task(app.fan_out())
        await uvicorn.Server(config).serve(sockets=[socket.socket(fileno=handle)])
        fanning.cancel()

    uvloop.run(both())


@contextlib.contextmanager
def a_bare_server() -> Iterator[tuple[str, int]]:
    """Its address and its process."""
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        command = [sys.executable, "-m", "loadtests.bench.live", str(listener.fileno())]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], text=True, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", server.pid
        finally:
            stop(server)


class Watchers:
    """A process full of sockets (`watchers.py`)."""

    def __init__(self, url: str, *options: str) -> None:
        port = str(urlsplit(url).port)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loadtests.people.watchers", "--port", port, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if answer["trouble"]:
            raise SystemExit(f"a socket was refused: {answer['trouble']}")
        return answer

    def ask(self, line: str) -> dict[str, Any]:
        self.tell(line)
        return self.hear()

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.tell(WatcherCommand.STOP)
        self._process.wait(30)


@contextlib.contextmanager
def watchers(url: str, *options: str) -> Iterator[Watchers]:
    crowd = Watchers(url, *options)
    try:
        yield crowd
    finally:
        crowd.end()


def cpu_seconds(pid: int) -> float:
    """What this process has used of a processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Held(NamedTuple):
    """What one server was seen to do for its sockets; messages are a second of its processor's time."""

    bytes_each: float
    messages: float
    ages: dict[str, float]


def hold(crowd: Watchers, pid: int) -> Held:
    """Open all sockets and listen for a while.

    Memory is what the process grows by with the sockets after the first: those fill what was free already.
    """
    before = look([pid])
    crowd.ask(f"{WatcherCommand.OPEN} {SOCKETS - FIRST}")
    time.sleep(SETTLE_SECONDS)
    grown = look([pid]).rss_bytes - before.rss_bytes
    worked = cpu_seconds(pid)
    found = crowd.ask(f"{WatcherCommand.MEASURE} {MEASURE_SECONDS:g}")
    worked = cpu_seconds(pid) - worked
    return Held(grown / (SOCKETS - FIRST), found["frames"] / worked, found["age_ms"])


class BenchService:
    """A running demo, and where its figures are."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.url, self.redis_url, self.operator = ready["url"], ready["redis_url"], ready["operator"]
        self.database_url = ready["database_url"]
        self.web, self.ticker = ready["pids"]["web"], ready["pids"]["ticker"][0]

    def effort(self) -> tuple[float, int]:
        """Seconds that the feeds have worked in their turns so far, and how many turns there were."""
        with urlopen(f"{self.url}/metrics", timeout=10) as answer:  # noqa: S310  our own demo
            text = answer.read().decode()
        total, count = (
            re.search(rf"^guichet_feed_seconds_{name} (.+)$", text, re.M) for name in ("sum", "count")
        )
        return (float(total[1]), round(float(count[1]))) if total and count else (0.0, 0)

    def commands(self) -> float:
        """Commands that Redis runs for one turn of a feed, marks and all, those inside scripts too.

        The ticker stands still meanwhile, so that Redis is asked for nothing else.
        """
        os.kill(self.ticker, signal.SIGSTOP)
        try:
            with redis.Redis.from_url(self.redis_url) as client:
                time.sleep(1.0)
                before, (_, turns) = processed(client), self.effort()
                time.sleep(MEASURE_SECONDS)
                after, (_, later) = processed(client), self.effort()
            return (after - before - 1) / (later - turns)
        finally:
            os.kill(self.ticker, signal.SIGCONT)

    def close(self) -> None:
        """The operator closes the period."""
        opener = build_opener(HTTPCookieProcessor())
        for path, body in (("session", self.operator), ("periods/demo/close", {})):
            headers = {"Content-Type": "application/json", "Origin": self.url}
            request = Request(f"{self.url}/api/v1/operator/{path}", msgspec.json.encode(body), headers)  # noqa: S310
            opener.open(request, timeout=10).close()


def processed(client: "redis.Redis") -> int:
    return int(client.info("stats")["total_commands_processed"])


def check(shown: Sequence[dict[str, Any]], many: int, called: int = 0) -> None:
    """Every socket shows the place of its own number: so many present behind those called, and none between.

    Raises SystemExit.
    """
    places = [tuple(place) for one in shown for place in one["positions"]]
    wrong = [place for place in places if place[0] != called + place[2] + 1 or place[1] != PlaceState.WAITING]
    if wrong or len({number for number, _, _ in places}) != many:
        raise SystemExit(
            f"{len(places)} of {many} sockets show a place, {len(wrong)} a wrong one: {wrong[:3]}"
        )


@contextlib.contextmanager
def a_crowd(
    service: BenchService, folder: Path, sources: Sequence[str], generator: set[int], each: int = SOCKETS
) -> Iterator[list[Watchers]]:
    """Everybody joined, and a process of watchers at each of these addresses; no socket is open yet."""
    with on_core(generator), contextlib.ExitStack() as stack:
        texts = uvloop.run(tickets(service.url, PATH, each * len(sources)))
        crowds = []
        for place, source in enumerate(sources):
            file = folder / f"tickets-{place}"
            file.write_text("\n".join(texts[place :: len(sources)]))
            crowds.append(
                stack.enter_context(watchers(service.url, "--source", source, "--tickets", str(file)))
            )
        yield crowds


def all_of(crowds: Sequence[Watchers], line: str) -> list[dict[str, Any]]:
    for crowd in crowds:
        crowd.tell(line)
    return [crowd.hear() for crowd in crowds]


def bare(servers: set[int], generator: set[int]) -> Held:
    with contextlib.ExitStack() as stack:
        with on_core(servers):
            url, pid = stack.enter_context(a_bare_server())
        with on_core(generator):
            crowd = stack.enter_context(watchers(url))
        crowd.ask(f"{WatcherCommand.OPEN} {FIRST}")
        return hold(crowd, pid)


def one_process(servers: set[int], generator: set[int]) -> tuple[Held, list[Figure]]:
    """All sockets in one web process: what they cost, and how soon they hear that it is over."""
    with tempfile.TemporaryDirectory(prefix="guichet-live-") as name, contextlib.ExitStack() as stack:
        with on_core(servers):
            service = BenchService(stack.enter_context(a_service(Path(name), "--web", "1", *DEMO)))
        crowds = stack.enter_context(a_crowd(service, Path(name), [""], generator))
        all_of(crowds, f"{WatcherCommand.OPEN} {FIRST}")
        few = service.commands()
        held = hold(crowds[0], service.web[0])
        worked, turns = service.effort()
        many = service.commands()
        later, after = service.effort()
        work = (later - worked) / (after - turns) * 1000
        check(all_of(crowds, WatcherCommand.POSITIONS), SOCKETS)
        drained = drain(service, crowds)
    return held, [
        Figure(
            what="work in a turn besides sending",
            value=work,
            unit="ms",
            most=50,
        ),
        Figure(what=f"Redis commands a turn, {FIRST:,} sockets", value=few, most=10),
        Figure(what=f"Redis commands a turn, {SOCKETS:,} sockets", value=many, bare=few, most=1.05),
        Figure(what="age of a shown position, p50", value=held.ages["p50"] / 1000, unit="s"),
        Figure(what="age of a shown position, p99", value=held.ages["p99"] / 1000, unit="s", most=4.0),
        Figure(
            what=f"until {SOCKETS:,} heard that the room is closed",
            value=drained,
            unit="s",
            most=SHUT_SECONDS,
        ),
    ]


def two_processes(servers: set[int], generator: set[int]) -> list[Figure]:
    """Twice as many sockets over two web processes, each on a core that it shares."""
    sources = ["127.0.0.2", "127.0.0.3"]
    with tempfile.TemporaryDirectory(prefix="guichet-live-") as name, contextlib.ExitStack() as stack:
        service = BenchService(stack.enter_context(a_service(Path(name), "--web", "2", *DEMO)))
        crowds = stack.enter_context(a_crowd(service, Path(name), sources, servers | generator))
        opened = all_of(crowds, f"{WatcherCommand.OPEN} {SOCKETS}")
        time.sleep(SETTLE_SECONDS * 2)
        check(all_of(crowds, WatcherCommand.POSITIONS), SOCKETS * 2)
        held = sum(one["sockets"] for one in opened)
        commands = service.commands()
        drained = drain(service, crowds)
    return [
        Figure(
            what="sockets in two processes, each with its own right position", value=held, least=2 * SOCKETS
        ),
        Figure(what=f"Redis commands a turn and process, {2 * SOCKETS:,} sockets", value=commands, most=10),
        Figure(
            what=f"until {2 * SOCKETS:,} heard that the room is closed",
            value=drained,
            unit="s",
            most=SHUT_SECONDS,
        ),
    ]


def drain(service: BenchService, crowds: Sequence[Watchers]) -> float:
    """Seconds from the operator's hand to the last socket that was told."""
    for crowd in crowds:
        crowd.tell(f"{WatcherCommand.UNTIL} {PlaceState.DRAINED}")
    began = time.time()
    service.close()
    told = [crowd.hear() for crowd in crowds]
    if sum(one["told"] for one in told) != SOCKETS * len(crowds):
        raise SystemExit(f"not all were told that it is over: {told}")
    return max(float(one["at"]) for one in told) - began


def run() -> Found:
    """About four minutes."""
    servers, generator = pinned()
    plain = bare(servers, generator)
    ours, figures = one_process(servers, generator)
    return Found(
        [
            Figure(
                what="memory a socket", value=ours.bytes_each / 1024, bare=plain.bytes_each / 1024, unit="KiB",
                most=1.15,
            ),
            Figure(
                what="messages a second of the server's processor, all work for them included",
                value=ours.messages, bare=plain.messages, least=0.6,
            ),
            Figure(what="sockets in one process, each with its own right position", value=SOCKETS, least=SOCKETS),
            *figures,
            *two_processes(servers, generator),
        ],
        {
            "sockets a process": f"{SOCKETS:,}",
            "a core each for server and generator": "yes" if servers != generator else "no",
        },
    )  # fmt: skip


if __name__ == "__main__":
    serve_bare(int(sys.argv[1]))
