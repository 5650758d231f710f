"""How many sign-ins a second one web process takes on two cores, and for how long its event loop stands meanwhile.

`make bench` runs it. A sign-in is a password and three answers: two verifications of Argon2id, in threads beside the
loop. Every sign-in is of another account, CONNECTIONS at a time, and counts when the session's cookie has come. The
process is put together as `guichet web` is, its garbage collector too. The bare counterpart verifies the same two
hashes in as many threads, with nothing around it.

The longest pause is how late a call of every millisecond came in the service's own loop, over the whole run
(`loop_pauses.py`). What took it is told beside it: the loop's own work, a core that others had, or sleep; and what a
loop with nothing to do sees of this machine beside the same hashes, with the priority that the service gives them and
with its own.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import uvloop

from accounts.normalisation import opaque
from accounts.passwords import COST
from config.bulk_import import add_candidates, ciphers_of
from config.demo.people import invented
from config.migrations import migrate
from config.processes import web
from config.processes.embedded import Valkey
from config.settings import Settings
from foundation.clock import now_ms
from foundation.logs import configure_logging
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.run import stop
from server.protocol.listening import WAITING_CONNECTIONS
from tests.bench.loop_pauses import MOST_MS, LoopPauses, PauseFigures, beside_hashes, figures_of

PEOPLE, CONNECTIONS, THREADS = 600, 16, 2

WARM = 50
"""The first of them: what a process loads once is no cost of a sign-in."""

LEAST_A_SECOND = 40

IDLE_SECONDS = 5.0

KEY = "a key that signs in a benchmark and is long enough"

PASSWORD, ANSWERS = "une phrase de passe pour mesurer", ["montréal", "chat", "bleu"]

NAME = "essai-"


def settings_in(folder: Path, valkey: Valkey) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder}/guichet.db", redis_url=valkey.url, queue_redis_url=valkey.url,
        secret_keys=(KEY,), public_url="http://127.0.0.1", demo=True, limits=False,
    )  # fmt: skip


async def make_people(settings: Settings) -> None:
    """So many accounts with one password."""
    people = invented(NAME, range(1, PEOPLE + 1), PASSWORD, ANSWERS, ["?"] * len(ANSWERS))
    db = Database(settings.database_url)
    ciphers = ciphers_of(settings.secret_keys)
    await db.write(lambda conn: add_candidates(conn, ciphers, people, "demo", now_ms()))
    await db.close()


async def serve(settings: Settings, listener: socket.socket) -> None:
    """The web process; each line that comes asks what its loop has seen since the last one, and the last ends it."""
    server, pauses = web.server(settings), LoopPauses()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    watching = asyncio.create_task(pauses.run())
    while not server.started:
        await asyncio.sleep(0.01)
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(figures_of(pauses.taken())), flush=True)
    server.should_exit = True
    watching.cancel()
    await serving


def run_server() -> None:
    """Everything that a web process needs, in a folder of its own."""
    with (
        tempfile.TemporaryDirectory() as name,
        socket.create_server(("127.0.0.1", 0), backlog=WAITING_CONNECTIONS) as listener,
        Path(name, "web.log").open("wb") as log,
    ):
        folder = Path(name)
        configure_logging("info", "web", log)
        valkey = Valkey(folder / "valkey")
        valkey.start(deadline_seconds=30)
        try:
            settings = settings_in(folder, valkey)
            asyncio.run(migrate(settings.database_url))
            asyncio.run(make_people(settings))
            uvloop.run(serve(settings, listener))
        finally:
            valkey.stop()


def form_body(number: int) -> str:
    """What a browser sends."""
    answers = {f"answer-{n}": text for n, text in enumerate(ANSWERS, 1)}
    return urlencode({"username": f"{NAME}{number:05d}", "password": PASSWORD, **answers})


async def sign_in_all(port: int, numbers: Iterable[int]) -> float:
    """Sign-ins a second. Raises SystemExit for one that brings no session."""
    left = iter(numbers)
    url = f"http://127.0.0.1:{port}"
    headers = {"Origin": url, "Content-Type": "application/x-www-form-urlencoded"}
    began, done = time.perf_counter(), 0

    async def browser() -> None:
        nonlocal done
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            for number in left:
                address = f"{url}/connexion"
                async with client.post(
                    address, data=form_body(number), headers=headers, allow_redirects=False
                ) as answer:
                    if answer.status != 303 or "session" not in str(answer.headers.getall("Set-Cookie", [])):
                        raise SystemExit(f"{answer.status}: {(await answer.text())[:500]}")
                    done += 1

    await asyncio.gather(*(browser() for _ in range(CONNECTIONS)))
    return done / (time.perf_counter() - began)


def bare() -> float:
    """Pairs of verifications a second, in as many threads."""
    texts = opaque(PASSWORD), "|".join(ANSWERS)
    hashes = [COST.hash(text) for text in texts]

    def pair(_: int) -> bool:
        return all(COST.verify(one, text) for one, text in zip(hashes, texts, strict=True))

    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        found = list(pool.map(pair, range(PEOPLE // 2)))
        return len(found) / (time.perf_counter() - began)


def run() -> Found:
    """The service, with its bare counterparts before and after."""
    first, equal = bare(), beside_hashes(THREADS, is_lower=False)
    command = [sys.executable, "-m", "tests.bench.sign_ins", "--serve"]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert server.stdin is not None and server.stdout is not None

        def asked() -> PauseFigures:
            assert server.stdin is not None and server.stdout is not None
            server.stdin.write("\n")
            server.stdin.flush()
            return PauseFigures(*json.loads(server.stdout.readline()))

        port = json.loads(server.stdout.readline())["port"]
        asyncio.run(sign_in_all(port, range(1, WARM + 1)))
        asked()
        time.sleep(IDLE_SECONDS)
        idle = asked()
        rate = asyncio.run(sign_in_all(port, range(WARM + 1, PEOPLE + 1)))
        busy = asked()
    finally:
        stop(server)
    lower = beside_hashes(THREADS, is_lower=True)
    return found(rate, (first + bare()) / 2, busy, idle, lower, equal)


def found(
    rate: float,
    counterpart: float,
    busy: PauseFigures,
    idle: PauseFigures,
    lower: PauseFigures,
    equal: PauseFigures,
) -> Found:
    """The figures of one run."""
    least, most = LEAST_A_SECOND, MOST_MS

    def ms(what: str, value: float, bare: float | None = None, most: float | None = None) -> Figure:
        return Figure(what=what, value=value, unit="ms", bare=bare, most=most)

    return Found(
        [
            Figure(what="sign-ins, one web process on two cores", value=rate, unit="/s", least=least),
            Figure(what="the same, beside its two verifications alone", value=rate, unit="/s", bare=counterpart),
            ms("longest pause of the event loop meanwhile", busy.longest, most=most),
            ms("99.9 % of the pauses meanwhile", busy.p999),
            ms("longest that the loop's own work kept it in a pause", busy.worked, most=most),
            ms("longest that it slept in a pause: a lock, or the machine stood", busy.slept),
            ms("longest that it had no core in a pause, beside a bare loop", busy.had_no_core, lower.had_no_core),
            ms("longest pause of the event loop with nobody there", idle.longest),
            ms("longest pause of a bare loop beside as many hashes of lower priority", lower.longest),
            ms("longest pause of a bare loop beside as many hashes of its own priority", equal.longest),
        ],
        {
            "people": f"{PEOPLE} accounts, {CONNECTIONS} connections, {THREADS} hashing threads",
            "pauses longer than 10 ms": ", ".join(
                f"{one.over:,} of {one.turns:,} {where}"
                for where, one in (("while people sign in", busy), ("with nobody there", idle),
                                   ("of the bare loop beside lower hashes", lower), ("beside equal ones", equal))
            ),
        },
    )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        run_server()
    else:
        sys.exit(measure({"sign_ins": run}, sys.argv[1:]))
