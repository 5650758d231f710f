"""How many saves of a section and how many form pages a second one web process answers, beside an empty handler.

`make bench` runs it. Everybody is signed in and has a complete draft, as rows (`people.py`). In each round every person
saves one section once, upon the version of the round before, 64 connections at a time; an answer counts when it is
200, after its commit. Server and store share one core, the generator has the other. The bare counterpart is uvicorn
with an empty handler on the same core.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import uvloop

from loadtests.bench.__main__ import measure
from loadtests.bench.barrage import AGENT, Volley, fire, fire_all
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import a_service, an_empty_server, fsync_ms, on_core, pinned
from loadtests.bench.submissions import a_postgresql, prepare

PEOPLE, ROUNDS, CONNECTIONS = 2_000, 3, 64

SECONDS = 60.0

DEMO = ("--crowd", "0", "--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0")

SECTION = "/api/v1/drafts/demo/sections/training"

PAGE = "/demande/demo/training"

OK = b"HTTP/1.1 200 "


def save(url: str, cookie: str, version: int) -> bytes:
    """The bytes of one save upon this version."""
    answers = {
        "diploma": f"Master {version}",
        "field": "Informatique",
        "school": "Université de Lyon",
        "year": "2008",
    }
    body = msgspec.json.encode({"version": version, "answers": answers})
    head = (
        f"PUT {SECTION} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nOrigin: {url}\r\nUser-Agent: {AGENT}\r\n"
        f"Accept: application/json\r\nContent-Type: application/json\r\nCookie: {cookie}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def look(url: str, cookie: str) -> bytes:
    """The bytes of one form page."""
    head = f"GET {PAGE} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nUser-Agent: {AGENT}\r\nCookie: {cookie}\r\n\r\n"
    return head.encode()


def volley(url: str, requests: Iterable[bytes]) -> Volley:
    """All of these. Raises SystemExit when anything but 200 comes back."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    found = uvloop.run(fire_all(parts.hostname, parts.port, requests, SECONDS, CONNECTIONS, OK))
    if found.wrong:
        raise SystemExit(f"{found.wrong} were no 200: {found.first_wrong!r}")
    return found


def on_store(
    database_url: str | None, servers: set[int], generator: set[int]
) -> tuple[list[Volley], list[Volley]]:
    """The saves and the pages of each round, on this store."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {} if database_url is None else {"DATABASE_URL": database_url}
        with on_core(servers), a_service(folder, *DEMO, environ=environ) as ready:
            secret = (folder / "data" / "secret_key").read_text()
            people = prepare(ready["database_url"], PEOPLE, folder, secret)
            url, cookies = ready["url"], [one["cookie"] for one in people]
            with on_core(generator):
                return rounds(url, cookies)


def rounds(url: str, cookies: Sequence[str]) -> tuple[list[Volley], list[Volley]]:
    volley(url, (look(url, cookie) for cookie in cookies[:200]))
    saves = [
        volley(url, [save(url, cookie, version) for cookie in cookies]) for version in range(1, ROUNDS + 1)
    ]
    pages = [volley(url, [look(url, cookie) for cookie in cookies]) for _ in range(ROUNDS)]
    return saves, pages


def empty(servers: set[int], generator: set[int]) -> float:
    """Answers of an empty handler a second, on the same core."""
    with on_core(servers), an_empty_server() as server, on_core(generator):
        parts = urlsplit(server.url)
        assert parts.hostname and parts.port
        found = [
            asyncio.run(fire(parts.hostname, parts.port, SECTION, 2.0, CONNECTIONS)).per_second
            for _ in range(ROUNDS)
        ]
        return statistics.median(found)


def figures(store: str, bare: float, saves: list[Volley], pages: list[Volley]) -> list[Figure]:
    def rate(found: list[Volley]) -> float:
        return statistics.median(one.per_second for one in found)

    slowest = statistics.median(one.within_ms(0.99) for one in saves)
    return [
        Figure(what=f"sections saved, {store}", value=rate(saves), unit="/s", bare=bare, least=0.15),
        Figure(what=f"99 % of the saves came within, {store}", value=slowest, unit="ms", most=100),
        Figure(what=f"form pages, {store}", value=rate(pages), unit="/s", bare=bare, least=0.15),
    ]


def run() -> Found:
    """Both stores, one after the other."""
    servers, generator = pinned()
    bare = empty(servers, generator)
    found = figures("SQLite", bare, *on_store(None, servers, generator))
    with on_core(servers), a_postgresql() as url:
        found += figures("PostgreSQL", bare, *on_store(url, servers, generator))
    with tempfile.TemporaryDirectory() as name:
        notes: dict[str, Any] = {"fsync": f"{fsync_ms(Path(name)):.2f} ms"}
    notes["rounds"] = f"{ROUNDS} of {PEOPLE} people, {CONNECTIONS} connections, medians"
    return Found(found, notes)


if __name__ == "__main__":
    sys.exit(measure({"drafts": run}, sys.argv[1:]))
