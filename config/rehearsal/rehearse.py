"""`guichet rehearse`: a whole intake in minutes, at a chosen size, with a report of what every person was told.

Starts a demo of its own in a temporary folder, or visits a running instance (`--url`, with its `DATABASE_URL`). Then
the people come (`loadtests/people/rehearsal.py`), the cap is reached, and their records are held against the
books. Bounded in time; nothing is left running. Exit status 1 when a promise broke or the cap was not met: fails
closed.
"""

import asyncio
import contextlib
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa
import uvloop

from config.demo.demo import cores
from config.failures import Failed
from config.rehearsal import report
from config.rehearsal.options import RehearsalOptions
from config.rehearsal.report import RehearsalRun
from config.rehearsal.testimony import PeoplesFindings, hear
from config.settings import database_url
from evidence import figures
from evidence.books import Books
from evidence.figures import DayFigures
from evidence.verify import read
from foundation.clock import now_ms
from foundation.outbox import TaskState, task
from foundation.sql.database import Database
from loadtests.bench.figures import machine, versions
from loadtests.journey.accounts import AccountPattern, read_accounts
from loadtests.journey.personas import accounts
from loadtests.newcomers import NewcomersSeen, chosen, how_many, prepare
from loadtests.people import tls
from loadtests.people.rehearsal import RehearsalCrowd, Task, records
from loadtests.people.scale import Scale, bearable, paced, processes, scaled
from loadtests.people.witness import Witness
from loadtests.run import ready, stop
from quota.states import PeriodState
from submission.follow_up import FollowUp

PAPERS_SECONDS = 120.0
"""After the last place, until every confirmation is made."""

LOOPBACK_SKEW, FOREIGN_SKEW = 0.0, 2.0
"""Seconds by which the people's clock may differ from the service's: none on one machine."""

SOCKETS_A_WEB_PROCESS = 15_000
"""On average: the kernel hands new connections to a process that is awake, so some get more; 20,000 is the end."""

MOST_FIGURES = 100_000

PROGRAMME = "demo"
"""What newcomers register for: the demo's."""


def run(options: RehearsalOptions, environ: Mapping[str, str]) -> int:
    """Rehearse, or hear again what was kept; 0 when every promise held. Raises what `failures.OUTSIDE` names."""
    if options.again is not None:
        kept = msgspec.json.decode((options.again / "run.json").read_bytes(), type=RehearsalRun)
        return asyncio.run(conclude(options, kept, options.again))
    # Told to end, it ends by the way out, where everything that was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with folder_of(options) as folder, service(options, environ, folder) as (url, people, database, pids):
        return uvloop.run(rehearse(options, folder, url, people, database, pids))


def say(line: str) -> None:
    sys.stderr.write(f"guichet: {line}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def folder_of(options: RehearsalOptions) -> Iterator[Path]:
    """Where everything is kept meanwhile; with `--keep` it stays."""
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(options.keep.iterdir()):
            raise Failed(f"{options.keep} is not empty: a rehearsal needs a folder of its own.")
        yield options.keep.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="guichet-rehearsal-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def service(
    options: RehearsalOptions, environ: Mapping[str, str], folder: Path
) -> Iterator[tuple[str, AccountPattern, str, Mapping[str, list[int]]]]:
    """Address, accounts, DATABASE_URL and processes of what is visited. Raises Failed."""
    if options.url is not None:
        if options.accounts_file is None or "DATABASE_URL" not in environ:
            raise Failed(
                "A running instance needs --accounts-file (as in READY) and its DATABASE_URL, for the books."
            )
        knock(options.url, options.ca)
        yield options.url.rstrip("/"), read_accounts(options.accounts_file), database_url(environ), {}
        return
    own = {
        name: value
        for name, value in environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL")
    }
    log = folder / "demo.log"
    with log.open("wb") as said:
        demo = subprocess.Popen(
            demo_command(options, folder),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env=own,
            start_new_session=True,
        )
    try:
        announced = ready(demo, log)
        yield (
            announced["url"].rstrip("/"),
            msgspec.convert(announced["accounts"], AccountPattern),
            announced["database_url"],
            announced["pids"],
        )
    finally:
        stop(demo)


def knock(url: str, ca: str | None) -> None:
    """See that somebody is there, and that their certificate is believed, before everybody comes. Raises Failed."""
    if urlsplit(url).scheme not in tls.SCHEMES:
        raise Failed(f"The people of a rehearsal speak HTTP, plain or over TLS: {url} is neither.")
    try:
        asyncio.run(tls.look(url, tls.trust(url, ca)))
    except ssl.SSLCertVerificationError as problem:
        raise Failed(
            f"The certificate of {url} is not believed ({problem.verify_message}): --ca FILE names its authority."
        ) from None
    except (OSError, ValueError) as problem:
        raise Failed(f"Nobody can be reached at {url}: {str(problem) or type(problem).__name__}.") from None


def demo_command(options: RehearsalOptions, folder: Path) -> list[str]:
    """A demo of its own without a crowd, at the pace of the rehearsal."""
    scale = scale_of(options)
    return [
        sys.executable, "-P", "-m", "config", "demo", "--crowd", "0", "--port", "0", "--limits",
        "--accounts", str(accounts(options.people)), "--cap", str(options.cap), "--web", str(web_of(options)),
        "--calls-per-minute", str(scale.calls_per_minute), "--token-seconds", str(scale.token_seconds),
        "--data", str(folder / "data"),
    ]  # fmt: skip


def scale_of(options: RehearsalOptions) -> Scale:
    return scaled(options.people, options.cap, options.time_scale, cores())


def web_of(options: RehearsalOptions) -> int:
    return options.web or max(2, processes(options.people, SOCKETS_A_WEB_PROCESS))


async def scale_at(options: RehearsalOptions, database: str) -> Scale:
    """The times of this rehearsal: chosen for a service of its own, the period's for a running one. Raises Failed."""
    if options.url is None:
        return scale_of(options)
    period = (await look(database, options.period))[0].period
    if period.cap != options.cap or period.accepted or period.state != PeriodState.OPEN:
        raise Failed(
            f"The period {period.id} is {period.state}, {period.accepted} of {period.cap} accepted: a rehearsal needs "
            "one that is open, with nobody accepted, and its cap as --cap."
        )
    pace, token = period.calls_per_minute, period.token_seconds
    return paced(options.people, options.cap, options.time_scale, pace, token)


async def rehearse(
    options: RehearsalOptions,
    folder: Path,
    url: str,
    people: AccountPattern,
    database: str,
    pids: Mapping[str, list[int]],
) -> int:
    """Let the people come, wait for the last papers, keep everything, and conclude."""
    scale = await scale_at(options, database)
    addresses = sys.platform == "linux" and urlsplit(url).hostname == "127.0.0.1"
    own = options.url is None
    if own and scale.expected_seconds > 60:
        say(f"about {scale.expected_seconds / 60:.0f} minutes at {scale.calls_per_minute} calls a minute")
    whole = bearable(scale, cores()) if options.whole is None else options.whole
    newcomers = await prepared(options, url, people, scale, addresses)
    people = msgspec.structs.replace(people, newcomers=tuple(newcomers.accounts))
    task = Task(
        url=url, period=options.period, scale=scale, seed=options.seed, accounts=people, folder=folder, whole=whole,
        addresses=addresses, ca=options.ca,
    )  # fmt: skip
    seen = await RehearsalCrowd(task, pids, say).run()
    await papers(database)
    done = RehearsalRun(
        command=shlex.join(["guichet", "rehearse", *asked(options)]),
        scale=scale,
        seed=options.seed,
        web=web_of(options) if own else 0,
        limits=own,
        whole=whole,
        newcomers=newcomers,
        addresses=addresses,
        database_url=database,
        period=options.period,
        machine=machine(),
        versions=versions(),
        seen=seen,
    )
    if options.keep is not None:
        (folder / "run.json").write_bytes(msgspec.json.encode(done))
    return await conclude(options, done, folder)


async def prepared(
    options: RehearsalOptions, url: str, people: AccountPattern, scale: Scale, addresses: bool
) -> NewcomersSeen:
    """Let those register who have no account yet. A running instance has none unless asked for: the code of their mail
    is read where a demo shows it."""
    share = 0.0 if options.newcomers is None and options.url is not None else options.newcomers
    count = how_many(options.people, share)
    if not count:
        return NewcomersSeen()
    say(f"{count} people register, confirm, fill in and save first")
    wanted = chosen(scale, options.seed, count)
    return await prepare(url, PROGRAMME, people, wanted, options.seed, addresses=addresses)


def asked(options: RehearsalOptions) -> list[str]:
    """The options that decide what happens, as they are typed."""
    words = [f"--people={options.people}", f"--cap={options.cap}", f"--time-scale={options.time_scale:g}"]
    words += [f"--seed={options.seed}"]
    if options.whole is not None:
        words.append(f"--whole={options.whole:g}")
    if options.newcomers is not None:
        words.append(f"--newcomers={options.newcomers:g}")
    if options.web is not None:
        words.append(f"--web={options.web}")
    if options.url is not None:
        words.append(f"--url={options.url}")
    if options.ca is not None:
        words.append(f"--ca={options.ca}")
    return words


async def papers(url: str) -> None:
    """Wait until the last confirmation is made; one that is not by then is found in the books."""
    deadline, database = time.monotonic() + PAPERS_SECONDS, Database(url)
    kinds = (task.c.kind.in_(tuple(FollowUp)), task.c.state == TaskState.STAGED)
    staged = sa.select(sa.func.count()).where(*kinds, task.c.due_at <= now_ms())
    try:
        while time.monotonic() < deadline:
            if not await database.read(lambda conn: conn.scalar(staged)):
                return
            await asyncio.sleep(1.0)
    finally:
        await database.close()


async def look(url: str, period: str) -> tuple[Books, list[DayFigures]]:
    """The books, and the figures that the ticker wrote. Raises Refusal not_found, Unavailable."""
    database = Database(url)
    try:
        books = await read(database, period)
        rows = await database.read(lambda conn: figures.rows(conn, books.period.uid, limit=MOST_FIGURES))
    finally:
        await database.close()
    return books, rows


async def conclude(options: RehearsalOptions, done: RehearsalRun, folder: Path) -> int:
    """Hear everybody, write what was asked for, say in a line how it was."""
    people = records(folder)
    books, rows = await look(done.database_url, done.period)
    skew = LOOPBACK_SKEW if done.addresses else FOREIGN_SKEW
    hearing = hear(people, books, done.seen.complete, skew)
    if options.report is not None:
        options.report.write_text(report.page(done, hearing, people, books, rows), encoding="utf-8")
    if options.json is not None:
        options.json.write_bytes(report.as_json(done, hearing, people, books))
    tell(done, hearing, people, books)
    return 0 if hearing.held and not done.newcomers.broken else 1


def tell(done: RehearsalRun, hearing: PeoplesFindings, people: list[Witness], books: Books) -> None:
    """The outcome on stdout: a line for each promise, and the figures that matter."""
    facts: dict[str, Any] = report.facts(done, hearing, people, books)
    print(
        f"{facts['people']} people in {facts['seconds']:.0f} s: {facts['accepted']} of {facts['cap']} accepted, "
        f"{facts['called']} called, {facts['most_sockets']:.0f} sockets at once, "
        f"pairs out of order {facts['passed_present']}"
    )
    arrival = facts["arrival"]
    print(
        f"{arrival['people']} of them ({arrival['share']:.0%} was asked) arrived whole, with pages and files: "
        f"{arrival['arrived']} in line, {arrival['requests']:g} requests and {arrival['bytes_in'] / 1024:.1f} KiB each"
    )
    new = facts["newcomers"]
    print(
        f"{new['asked']} had no account: {new['prepared']} registered, confirmed, filled in, saved and met a conflict "
        f"in {new['seconds']:g} s, and {new['submitted']} of them submitted"
        + "".join(f"; {count} {code}" for code, count in new["refused"].items())
    )
    for sentence in done.newcomers.broken:
        print(f"BROKEN before the opening: {sentence}")
    for one in hearing.findings:
        print(f"{one.promise} {'holds' if one.holds else f'BROKEN {one.against} times'}: {one.sentence}")
        for row in one.rows:
            print(f"   {row}")
    held = hearing.held and not done.newcomers.broken
    print("every promise held" if held else "BROKEN: see above")
