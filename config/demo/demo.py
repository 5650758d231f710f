"""`guichet demo`: the whole service on one machine, with people in it.

Valkey from its package, SQLite, the processes of the Procfile, an open period `demo`, ready accounts, and a crowd that
joins, waits, signs in, submits, leaves or lets its token lapse. Everything is in one folder: a temporary one, or
that of `--data`, which is kept and goes on where it stopped.
"""

import asyncio
import contextlib
import errno
import fcntl
import ipaddress
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import account
from config.bulk_import import add_candidates, ciphers_of, form_in
from config.demo import staff
from config.demo.card_provider.process import DemoProvider
from config.demo.card_provider.server import open_socket
from config.demo.mailbox import smtp_server
from config.demo.mailbox.pages import ADDRESS as MAIL_ADDRESS
from config.demo.options import PERIOD, PROGRAMME, DemoOptions
from config.demo.people import BORN_FROM, invented
from config.demo.staff import AGENT, OPERATOR, SECOND_OPERATOR
from config.failures import Failed
from config.fitness import look
from config.processes.embedded import NotStarted, Valkey
from config.processes.procfile import ProcessKind, parse, procfile
from config.processes.rolling import roll
from config.processes.supervisor import Service, Supervisor, release, services
from config.settings import Settings, refuse_evicting, variable
from config.stores import open_redis
from foundation import audit
from foundation.clock import now_ms, rfc3339
from foundation.errors import Unavailable
from foundation.sql.database import LONG_SECONDS, Database
from quota import ledger
from quota.draw import Rule
from quota.moves import operating, preparing
from quota.moves.operating import Retyped
from quota.programmes import load_all
from quota.states import Mode
from quota.store import period
from server.protocol.listening import listening_socket

PASSWORD = "prendre-un-numero-2016"  # noqa: S105  no secret: it is printed

QUESTIONS = ("Dans quelle ville êtes-vous né ?", "Quel était le nom de votre premier animal ?")

ANSWERS = ("Trois-Rivières", "Mistigri")
"""Shared by all accounts of the demo, the crowd's too, and printed: no person stands behind them."""

DAY_MS = 86_400_000

HALF_A_YEAR_MS = 183 * DAY_MS
"""So old are the accounts, so that a rule about young ones (WR-16) can be tried with the demo's data."""

CROWD_ARRIVES_SECONDS = 300.0

CROWD_HASTE = 1.5
"""Six in ten come in the first tenth of that time, the others trickle in; and they type half as fast again as most
people. So the line is long and moves while somebody looks, and whoever opens the page in these five minutes is called
in under three, not after all 800: at most 250 hold a token at once, and what they need for it is the line's pace."""

DRAW_OPENS_IN_MS = 60_000

VALUE_IS = "six chiffres que la démonstration tire à l’ouverture"
"""With --draw there is a minute to enter. Elsewhere a value is drawn in public; here the demo plays that part too."""

OPENS_IN_MS = 1_500
"""From the preparation to the opening: a period opens by its schedule, no other way (P10)."""

READY_SECONDS = 90.0
"""A slow machine needs some 20 s to start two web processes; beyond this something is wrong."""

LEAST_FREE_BYTES = 64 * 1024 * 1024
"""6,800 people take 8 MB, as much again while they are written, and the line needs room for its own log."""

MOST_DEATHS = 8
"""So many restarts before it serves mean that it never will."""


def run(options: DemoOptions, environ: Mapping[str, str]) -> int:
    """Run the demo until it is told to end; 0 when it ended as told. Raises what `failures.OUTSIDE` names."""
    os.umask(0o077)  # the folder holds everybody's papers
    with contextlib.ExitStack() as stack:
        port = variable("PORT", environ) if options.port is None else options.port
        listener = stack.enter_context(listening_socket(variable("HOST", environ), port))
        folder = stack.enter_context(folder_of(options))
        if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        return asyncio.run(Demo(options, environ, folder, listener).run())


@contextlib.contextmanager
def folder_of(options: DemoOptions) -> Any:
    """The demo's folder, held by a lock: a temporary one is removed at the end, a given one is kept."""
    if options.data is None:
        folder = Path(tempfile.mkdtemp(prefix="guichet-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return
    options.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = options.data.resolve()
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"Another demo works in {folder}: stop it, or choose another folder.") from None
        yield folder


def kept_key(folder: Path) -> str:
    """The key that signs in this folder's demo: made once, readable by its owner only.

    A place is a signed ticket in somebody's browser, so a demo that goes on needs the key that it had.
    """
    path = folder / "secret_key"
    if not path.exists():
        fresh = folder / "secret_key.new"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        fresh.replace(path)
    return path.read_text()


class Demo:
    """One run of the demo in its folder, behind a socket that listens already."""

    def __init__(
        self, options: DemoOptions, environ: Mapping[str, str], folder: Path, listener: socket.socket
    ) -> None:
        self.options = options
        self.folder = folder
        self.listener = listener
        port = listener.getsockname()[1]
        self.local_url = local_url(listener)
        self.metrics, self.letters = folder / "metrics", folder / smtp_server.FOLDER
        self.mail_socket = smtp_server.open_socket()
        self.valkey = None if environ.get("REDIS_URL") else Valkey(folder / "redis")
        self.environ = dict(environ) | {
            "DATABASE_URL": environ.get("DATABASE_URL") or f"sqlite:///{folder / 'guichet.db'}",
            "REDIS_URL": environ.get("REDIS_URL") or (self.valkey.url if self.valkey else ""),
            "SECRET_KEYS": environ.get("SECRET_KEYS") or kept_key(folder),
            "PUBLIC_URL": environ.get("PUBLIC_URL") or self.local_url,
            "PORT": str(port),
            "DEMO": f"demo-{os.getpid()}",
            "LIMITS": "yes" if options.limits else "no",
            "PROMETHEUS_MULTIPROC_DIR": str(self.metrics),
            "SMTP_URL": smtp_server.url_of(self.mail_socket),
            "DEMO_MAILBOX": str(self.letters),
        }
        self.bank = None if environ.get("CARD_KEY") else DemoProvider(folder, open_socket(), self.local_url)
        if self.bank is not None:
            self.environ |= self.bank.environ()
        self.letters.mkdir(exist_ok=True, mode=0o700)
        shutil.rmtree(self.metrics, ignore_errors=True)
        self.metrics.mkdir()
        self.settings = Settings.from_env(self.environ)
        self.supervisor = Supervisor(folder, self.say, self.metrics)
        self.release: Service | None = None
        self.rolling: asyncio.Task[bool] | None = None
        self.operator_password = secrets.token_urlsafe(12)
        self.first_of_crowd = 1
        self.drawing: asyncio.Task[None] | None = None

    def say(self, line: str) -> None:
        """One line for the person who watches; stdout is for `READY` alone."""
        sys.stderr.write(f"guichet: {line}\n")
        sys.stderr.flush()

    async def run(self) -> int:
        async with smtp_server.serving(self.mail_socket, self.letters):
            return await self.supervised()

    async def supervised(self) -> int:
        """Everything at work until it is told to end."""
        self.supervisor.stop_on_signals()
        try:
            starting = asyncio.create_task(self.start())
            told = asyncio.create_task(self.supervisor.stopping.wait())
            await asyncio.wait({starting, told}, return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            await told
        finally:
            if self.drawing is not None:
                self.drawing.cancel()
            await self.supervisor.stop()
            if self.valkey is not None:
                self.valkey.remove_socket()
        return 0

    async def start(self) -> None:
        """Everything in its order: stores, tables, people, processes, and the crowd once it serves."""
        await self.start_redis()
        lines = parse(procfile().read_text(encoding="utf-8"))
        self.release = first = release(lines, self.environ)
        if first is not None and await self.supervisor.once(first) != 0:
            raise Failed(last_line(self.supervisor.log(first)) or "The tables could not be made.")
        if self.bank is not None:
            self.supervisor.start(self.bank.service(self.environ))
        opens_at = await self.prepare()
        counts: dict[str, int] = {
            ProcessKind.WEB: self.options.web or cores(),
            ProcessKind.WORKER: self.options.workers,
        }
        for service in services(lines, counts, self.environ, self.listener.fileno()):
            self.supervisor.start(service)
        waits = self.options.draw or self.options.opens_in is not None
        await self.ready(0 if waits else opens_at)
        if self.options.draw:
            self.drawing = asyncio.create_task(self.draw(opens_at))
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.roll)
        self.show()
        if self.options.crowd:
            self.supervisor.start(self.crowd())

    def roll(self) -> None:
        """Replace every process by a new one, one after the other; asked again meanwhile, it changes nothing."""
        if self.rolling is None or self.rolling.done():
            self.rolling = asyncio.create_task(roll(self.supervisor, self.release))

    async def start_redis(self) -> None:
        """Our own Valkey, kept running like the rest; or a look at the one that was given."""
        if self.valkey is not None:
            command = tuple(self.valkey.command())
            service = Service(kind=ProcessKind.REDIS, number=1, command=command, environ=self.environ)
            self.supervisor.start(service)
            deadline = time.monotonic() + READY_SECONDS
            while not self.valkey.answers():
                if time.monotonic() > deadline or self.supervisor.deaths >= MOST_DEATHS:
                    raise NotStarted(f"Valkey does not start: {last_line(self.supervisor.log(service))}")
                await asyncio.sleep(0.02)
        else:
            await look("REDIS_URL", self.settings.redis_url, is_line=True)
        redis = open_redis(self.settings.redis_url, refusing=False)
        try:
            await refuse_evicting(redis)
        finally:
            await redis.aclose()

    async def prepare(self) -> int:
        """The people and the period; what is there already stays. Gives the opening instant."""
        database = Database(self.settings.database_url)
        try:
            return await database.write(self.fill, LONG_SECONDS)
        finally:
            await database.close()

    async def fill(self, conn: AsyncConnection) -> int:
        now, options, ciphers = now_ms(), self.options, ciphers_of(self.settings.secret_keys)
        known = sa.select(sa.func.count()).where(account.c.username.like("foule-%"))
        form = form_in(self.settings.programmes_dir, PROGRAMME, now)
        # The crowd of an earlier run has submitted: this one has people of its own.
        self.first_of_crowd = 1 + (await conn.execute(known)).scalar_one()
        crowd = range(self.first_of_crowd, self.first_of_crowd + options.crowd)
        visitors = range(1, options.accounts + 1)
        for prefix, numbers, born_from in (("demo-", visitors, BORN_FROM), ("foule-", crowd, BORN_FROM + 1)):
            people = invented(prefix, numbers, PASSWORD, ANSWERS, QUESTIONS, born_from, form)
            await add_candidates(conn, ciphers, people, PROGRAMME, now, now - HALF_A_YEAR_MS, form.version)
        await staff.add(conn, self.operator_password, now)
        existing = (await conn.execute(sa.select(period).where(period.c.id == PERIOD))).one_or_none()
        if existing is not None:
            self.say(
                f"going on with the period {PERIOD}: {existing.state}, {existing.accepted} of {existing.cap} accepted"
            )
            return int(existing.opens_at)
        return await self.open_period(conn, now_ms())

    async def open_period(self, conn: AsyncConnection, now: int) -> int:
        """Announce and arm it, to open by its schedule in a moment."""
        options, programme = self.options, load_all(self.settings.programmes_dir)[PROGRAMME]
        opens_in = DRAW_OPENS_IN_MS if options.draw else OPENS_IN_MS
        if options.opens_in is not None:
            opens_in = round(options.opens_in * 1000)
        opens_at = now + opens_in
        rule = Rule(mode=Mode.DRAW, entries_from=now, value_is=VALUE_IS) if options.draw else None
        made = await preparing.create(
            conn, programme, PERIOD, opens_at, opens_at + DAY_MS, options.cap, audit.SERVICE, now,
            calls_per_minute=options.calls_per_minute, token_seconds=options.token_seconds, rule=rule,
            reason="démonstration",
        )  # fmt: skip
        await preparing.announce(conn, made.uid, programme, OPERATOR, now)
        await operating.arm(conn, made.uid, Retyped(made.cap, made.opens_at), SECOND_OPERATOR, now)
        return opens_at

    async def draw(self, opens_at: int) -> None:
        """Give the public value when the opening has come and entries are closed."""
        database = Database(self.settings.database_url)

        async def give(conn: AsyncConnection) -> bool:
            found = await ledger.period_by_id(conn, PERIOD)
            if found.entries is not None and found.public_value is None:
                value = f"{secrets.randbelow(1_000_000):06d}"
                await operating.set_value(conn, found.uid, value, audit.SERVICE, now_ms())
            return found.entries is None

        try:
            await asyncio.sleep(max(0, opens_at - now_ms()) / 1000)
            waiting = True
            while waiting:
                await asyncio.sleep(0.5)
                with contextlib.suppress(Unavailable):
                    waiting = await database.write(give)
        finally:
            await database.close()

    async def ready(self, opens_at: int) -> None:
        """Return when it serves and the period's time has come. Raises Failed with the last line of a log."""
        deadline = time.monotonic() + READY_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
            while now_ms() < opens_at or not await answers(client, f"{self.local_url}/readyz"):
                if time.monotonic() > deadline or self.supervisor.deaths >= MOST_DEATHS:
                    raise Failed(f"The service does not start. {self.last_words()}")
                await asyncio.sleep(0.1)

    def last_words(self) -> str:
        logs = sorted((self.folder / "logs").glob("*.log"))
        return " ".join(f"{log.stem}: {line}" for log in logs if (line := last_line(log)))

    def crowd(self) -> Service:
        """The simulated crowd: a process of its own that ends when everybody has gone home."""
        path = self.folder / "crowd.json"
        path.touch(mode=0o600)
        accounts = {
            "username": "foule-%05d",
            "password": PASSWORD,
            "answers": ANSWERS,
            "first": self.first_of_crowd,
        }
        path.write_text(json.dumps(accounts))
        whom = ("--url", self.local_url, "--period", PERIOD, "--accounts-file", str(path))
        pace = ("--arrive-seconds", f"{CROWD_ARRIVES_SECONDS:g}", "--haste", f"{CROWD_HASTE:g}")
        people = ("--people", str(self.options.crowd))
        command = (sys.executable, "-P", "-m", "loadtests.crowd", *whom, *people, *pace)
        return Service(kind=ProcessKind.CROWD, number=1, command=command, environ=self.environ, ends=True)

    def facts(self) -> dict[str, Any]:
        """What the `READY` line says (`docs/contract.md`)."""
        return {
            "url": self.settings.public_url,
            "operator_url": f"{self.settings.public_url}/operateur",
            "operator": {"username": OPERATOR, "password": self.operator_password},
            "staff": staff.told(self.operator_password),
            "accounts": {
                "count": self.options.accounts,
                "username": "demo-%05d",
                "password": PASSWORD,
                "answers": list(ANSWERS),
            },
            "redis_url": self.settings.redis_url,
            "database_url": self.settings.database_url,
            "sandbox": None if self.bank is None else self.bank.told(),
            "mailbox_url": f"{self.settings.public_url}{MAIL_ADDRESS}",
            "pids": self.supervisor.pids,
        }

    def show(self) -> None:
        """The panel for people on stderr, the line for programs on stdout."""
        grid = Table.grid(padding=(0, 2))
        for name, value in (
            ("The room", f"{self.settings.public_url}/periodes/{PERIOD}"),
            ("Candidates", f"demo-00001 to demo-{self.options.accounts:05d}, password {PASSWORD}"),
            ("Their answers", " / ".join(ANSWERS)),
            (
                "Operator",
                f"{self.settings.public_url}/operateur, {OPERATOR}, password {self.operator_password}",
            ),
            ("Second one", f"{SECOND_OPERATOR}, the same password: arming a period takes two people"),
            ("Agent", f"{self.settings.public_url}/agent, {AGENT}, the same password"),
            (
                "Mail",
                f"{self.settings.public_url}{MAIL_ADDRESS}: what was sent, which goes nowhere else",
            ),
            (
                "Cards",
                "a provider of the demo's own, which asks for no card" if self.bank else "as CARD_KEY says",
            ),
            ("Crowd", f"{self.options.crowd} simulated candidates are coming"),
            ("Logs", str(self.folder / "logs")),
            ("Since", rfc3339(now_ms())),
        ):
            grid.add_row(f"[bold]{name}[/bold]", value)
        Console(stderr=True).print(Panel(grid, title="guichet demo", subtitle="Ctrl-C ends it", expand=False))
        sys.stdout.write(f"READY {json.dumps(self.facts(), ensure_ascii=False)}\n")
        sys.stdout.flush()


def cores() -> int:
    """The cores this process may use; macOS does not tell, and has all of them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_url(listener: socket.socket) -> str:
    """How this machine reaches a listening socket, also one that listens on all its addresses."""
    host, port = listener.getsockname()[:2]
    if listener.family == socket.AF_INET6:
        return f"http://[{'::1' if host == '::' else host}]:{port}"
    return f"http://{'127.0.0.1' if ipaddress.ip_address(host).is_unspecified else host}:{port}"


async def answers(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def last_line(log: Path) -> str:
    """The last line of a log that says something, cut to a bearable length."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return lines[-1].strip()[:300] if lines else ""
