"""How many submissions a second one web process takes, beside bare batched transactions of the same rows.

Everybody was called and is signed in: that is prepared as rows (`tests/bench/people.py`), because to sign in costs 60
ms of Argon2. Before each round every browser asks where it stands, is given its token, and reads the review, as
browsers do; then all submit, 128 at a time, and an answer counts when it is 201, after its commit. Server, store and
ticker share one core, the generator has the other. The bare counterpart (`loadtests/bench/bare_submissions.py`) has a
copy of the same store.
"""

import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import aiohttp
import msgspec
import uvloop

from loadtests.bench import barrage
from loadtests.bench.barrage import AGENT, CONNECTIONS, Volley
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import BACKLOG, a_service, fsync_ms, on_core, pinned
from loadtests.run import stop

EACH, ROUNDS, WARM_UP = 3_000, 3, 600

PEOPLE = WARM_UP + ROUNDS * EACH

PATH = "/api/v1/periods/demo/submissions"

DEMO = (
    "--crowd", "0", "--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0",
    "--cap", str(PEOPLE + 1),
)  # fmt: skip

SECONDS = 60.0

TRIES = 5

Browser = dict[str, Any]


def prepare(database_url: str, people: int, folder: Path, secret: str | None = None) -> list[Browser]:
    """So many people who were called and are signed in, written into this database: what their browsers hold."""
    into = folder / "people.jsonl"
    command = [sys.executable, "-m", "tests.bench.people", "--database-url", database_url]
    command += ["--people", str(people), "--into", str(into), *((f"--secret={secret}",) if secret else ())]
    subprocess.run(command, check=True)
    return [json.loads(line) for line in into.read_bytes().splitlines()]


@contextlib.contextmanager
def a_postgresql() -> Iterator[str]:
    """A fresh PostgreSQL, whose commits are on the disk before they are answered; its URL."""
    command = [sys.executable, "-m", "tests.support.processes.postgres"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        stop(server)


@contextlib.contextmanager
def a_bare_server(database_url: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        command = [sys.executable, "-m", "loadtests.bench.bare_submissions", "--database-url", database_url]
        command += ["--handle", str(listener.fileno())]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], text=True, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop(server)


async def tokens(url: str, browsers: Sequence[Browser]) -> list[str]:
    """The token of each, by asking where it stands; each has read its review. SystemExit for one not called."""
    connector = aiohttp.TCPConnector(limit=32)
    async with aiohttp.ClientSession(connector=connector) as client:

        async def token(browser: Browser) -> str:
            headers = {"Cookie": browser["cookie"], "User-Agent": AGENT}
            for _ in range(TRIES):  # a browser that is told to come again comes again
                async with client.get(f"{url}/api/v1/periods/demo/tickets/me", headers=headers) as answer:
                    me = await answer.json()
                if answer.status != 503:
                    break
                await asyncio.sleep(2)
            if not me.get("token"):
                raise SystemExit(f"number {browser['number']} has no token: {me}")
            async with client.get(
                f"{url}/periodes/demo/demande", headers=headers, allow_redirects=False
            ) as review:
                if review.status != 200 or not await review.read():
                    raise SystemExit(f"number {browser['number']} is shown no review: {review.status}")
            return str(me["token"])

        return await asyncio.gather(*(token(browser) for browser in browsers))


def request(url: str, cookie: str, token: str) -> bytes:
    """The bytes of one submission."""
    body = msgspec.json.encode({"token": token, "declaration": True, "signature": {"capacity": "candidate"}})
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nOrigin: {url}\r\nUser-Agent: {AGENT}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nCookie: {cookie}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def fire(url: str, requests: Sequence[bytes]) -> Volley:
    """All of these, 128 at a time. Raises SystemExit when anything but 201 comes back."""
    parts = urlsplit(url)
    volley = uvloop.run(barrage.fire_all(parts.hostname or "", parts.port or 80, requests, SECONDS))
    if volley.wrong:
        raise SystemExit(f"{volley.wrong} answers were no 201, the first one: {volley.first_wrong!r}")
    return volley


def submit_all(url: str, bare: str, browsers: Sequence[Browser]) -> tuple[list[Volley], list[Volley]]:
    """Volleys at both in turn, after one at each to warm up. Raises SystemExit when a place is missing."""
    ours, theirs = [], []
    for start, end in [(0, WARM_UP)] + [
        (WARM_UP + n * EACH, WARM_UP + (n + 1) * EACH) for n in range(ROUNDS)
    ]:
        some = browsers[start:end]
        held = uvloop.run(tokens(url, some))
        requests = [request(url, one["cookie"], token) for one, token in zip(some, held, strict=True)]
        ours.append(fire(url, requests))
        theirs.append(fire(bare, requests))
    time.sleep(1.5)  # a process reads the line at most once a second
    if accepted(url) != len(browsers):
        raise SystemExit(f"{len(browsers)} submissions were answered, but {accepted(url)} places were taken")
    return ours[1:], theirs[1:]


def accepted(url: str) -> int:
    with urlopen(f"{url}/api/v1/periods/demo", timeout=10) as answer:  # noqa: S310  our own demo
        return int(msgspec.json.decode(answer.read())["accepted"])


def migrated(database_url: str) -> str:
    command = [sys.executable, "-m", "config", "migrate"]
    subprocess.run(command, env=os.environ | {"DATABASE_URL": database_url}, check=True, capture_output=True)
    return database_url


def of_store(name: str, folder: Path, stack: contextlib.ExitStack) -> tuple[list[Figure], Mapping[str, str]]:
    """The figures of one store."""
    servers, generator = pinned()
    with on_core(servers):
        if name == "SQLite":
            folder.mkdir()
            ours, bare_store = f"sqlite:///{folder / 'ours.db'}", migrated(f"sqlite:///{folder / 'bare.db'}")
        else:
            folder.mkdir()
            ours, bare_store = (stack.enter_context(a_postgresql()) for _ in range(2))
        prepare(bare_store, PEOPLE + EACH, folder)
        service = stack.enter_context(a_service(folder, *DEMO, environ={"DATABASE_URL": ours}))
        secret = (folder / "data" / "secret_key").read_text()
        browsers = prepare(ours, PEOPLE, folder, secret)
        bare = stack.enter_context(a_bare_server(bare_store))
        time.sleep(2)  # the next tick tells the line who was called
    with on_core(generator):
        mine, theirs = submit_all(service["url"], bare, browsers)
    with on_core(servers):
        command = [sys.executable, "-m", "loadtests.bench.bare_submissions", "--database-url", bare_store]
        alone = float(subprocess.check_output([*command, "--alone", str(EACH)], text=True))
    rates, bares = ([round(volley.per_second) for volley in each] for each in (mine, theirs))
    within = {share: max(volley.within_ms(share) for volley in mine) for share in (0.5, 0.99)}
    return [
        Figure(
            what=f"submissions a second, one web process, {name}",
            value=statistics.median(rates), bare=statistics.median(bares), least=0.5, rounds=tuple(rates),
        ),
        Figure(what=f"of them answered within, 50 %, {name}", value=within[0.5], unit="ms"),
        Figure(what=f"of them answered within, 99 %, {name}", value=within[0.99], unit="ms", most=500),
    ], {
        f"rounds of the bare transactions, {name}": ", ".join(f"{rate:,}" for rate in bares),
        f"the same transactions without HTTP, {name}": f"{alone:,.0f} submissions a second",
    }  # fmt: skip


def run() -> Found:
    figures: list[Figure] = []
    notes = {
        "people who submitted, on each store": f"{PEOPLE:,} over {CONNECTIONS} connections, in rounds of {EACH:,}",
    }
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        notes["one small write to the disk (fsync)"] = f"{fsync_ms(Path(name)):.2f} ms"
        for store in ("SQLite", "PostgreSQL"):
            with contextlib.ExitStack() as stack:
                found, said = of_store(store, Path(name) / store, stack)
            figures += found
            notes |= said
    return Found(figures, notes)
