"""What people notice of a slowloris attack and its kin (`slow_clients.py`), and how long slow clients are kept.

Honest people join and ask for their position at a steady pace, far below what a process can do, so that what they wait
for is the server and no queue. The same people at the same pace, in turn without and with the others; the server has
one core, people and slow clients share the other.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import uvloop

from loadtests.bench.barrage import requests
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import a_service, on_core, pinned
from loadtests.bench.slow_clients import SlowKind

EACH: Final = 500
"""Slow clients of each kind at any time; there are four kinds."""

PEOPLE: Final = 20

PER_SECOND: Final = 10
"""Requests of one of these people: 200 a second in all."""

ROUNDS: Final = 2

QUIET_SECONDS: Final = 12.0

ATTACK_SECONDS: Final = 32.0
"""Long enough that each kind meets its deadline twice."""

PATH: Final = "/api/v1/periods/demo/tickets"

DEMO: Final = (
    "--crowd", "0", "--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "0",
)  # fmt: skip


class HonestPerson:
    """A connection that is kept open; every other request is a join, the one after it asks for its position."""

    def __init__(self, host: str, port: int, joins: Iterator[bytes]) -> None:
        self.host, self.port, self.joins = host, port, joins
        self.ticket = ""
        self.took: list[float] = []
        self.wrong = 0

    async def live(self, until: float) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            due = time.monotonic() + PER_SECOND**-1 * (hash(self) % 100) / 100
            while due < until:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await self._ask(reader, writer)
                due += 1 / PER_SECOND
        finally:
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        joining = not self.ticket
        began = time.perf_counter()
        writer.write(next(self.joins) if joining else self._position())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        self.took.append(time.perf_counter() - began)
        self.wrong += not head.startswith((b"HTTP/1.1 201 ", b"HTTP/1.1 200 "))
        self.ticket = json.loads(body)["ticket"] if joining else ""

    def _position(self) -> bytes:
        return (
            f"GET {PATH}/me HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAuthorization: Bearer {self.ticket}\r\n\r\n"
        ).encode()


async def people(host: str, port: int, seconds: float) -> list[float]:
    """What each request took, in seconds. Raises SystemExit when one was not answered as it should be."""
    joins = requests(host, port, PATH)
    all_of_them = [HonestPerson(host, port, joins) for _ in range(PEOPLE)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(person.live(until) for person in all_of_them))
    if wrong := sum(person.wrong for person in all_of_them):
        raise SystemExit(f"{wrong} honest requests were refused")
    return [took for person in all_of_them for took in person.took]


def p99_ms(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98] * 1000


def beside_slow_clients(host: str, port: int) -> tuple[list[float], dict[str, Any]]:
    """Honest people beside slow clients: what their requests took, and how long the slow were kept."""
    command = [sys.executable, "-m", "loadtests.bench.slow_clients", str(port), "--each", str(EACH)]
    command += ["--seconds", str(ATTACK_SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as attack:
        took = uvloop.run(people(host, port, ATTACK_SECONDS - 2))
        output, _ = attack.communicate(timeout=60)
    return took, json.loads(output)


def run() -> Found:
    """Without and with slow clients in turn, twice; about two minutes."""
    servers, generator = pinned()
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as name:
        with on_core(servers), a_service(Path(name), *DEMO) as ready, on_core(generator):
            parts = urlsplit(ready["url"])
            host, port = parts.hostname or "", parts.port or 80
            uvloop.run(people(host, port, 3))  # to warm up
            quiet, loud, attacks = [], [], []
            for _ in range(ROUNDS):
                quiet.append(p99_ms(uvloop.run(people(host, port, QUIET_SECONDS))))
                took, attack = beside_slow_clients(host, port)
                loud.append(p99_ms(took))
                attacks.append(attack)
    longest = {kind: max(attack["longest"][kind] for attack in attacks) for kind in SlowKind}
    names = {
        SlowKind.SILENT: "a silent connection", SlowKind.HEADS: "a head that drips",
        SlowKind.BODIES: "a body that drips", SlowKind.UNREAD: "a client that never reads",
    }  # fmt: skip
    figures = [
        Figure(
            what=f"p99 of honest people beside {4 * EACH:,} slow clients", unit="ms",
            value=statistics.median(loud), bare=statistics.median(quiet), most=2.0, rounds=tuple(loud),
        ),
        *(
            Figure(what=f"{names[kind]} is kept at most", unit="s", value=longest[kind], most=15.0)
            for kind in SlowKind
        ),
    ]  # fmt: skip
    notes = {
        "honest requests a second": str(PEOPLE * PER_SECOND),
        "slow clients at a time": f"{max(attack['most'] for attack in attacks):,}, opened again when closed",
        "closed by the server": ", ".join(
            f"{kind} {sum(attack['ended'][kind] for attack in attacks):,}" for kind in SlowKind
        ),
        "bare": "the same people in the same run without the others",
    }
    return Found(figures, notes)
