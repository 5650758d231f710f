"""Letters of 5,073 files, two each, filed by two workers that are killed at random all the while; beside bare PDFs.

Each file's owner is told of both by one message. They have no address: there is no mail server here, and mail that
waits for one would be asked after each minute by the same two workers.

`make bench` runs it. The files are rows: a person with an address, a submission, its event « paid », and the two tasks
that the payment staged. Workers are `guichet worker`, on the two cores that everything shares; one of them gets SIGKILL
every few seconds until the last letter is there, and another is started at once. The doorbell is rung as the ticker
rings it. The bare counterpart makes as many PDFs of the same blocks in two processes, read back, and keeps none.

`--files 200` runs it smaller, `--store sqlite` on the other store.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import redis
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.identities import Identity
from accounts.personal_data.fields import ADDRESS, PersonalFields
from accounts.personal_data.home_address import HomeAddress
from casework.documents import DocumentKind
from casework.files.events import FileEvent
from casework.files.numbers import file_number
from casework.files.sheet import FileSheet
from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.files.tasks import FileTask
from casework.letters import payment_letters, rendering
from casework.letters.letterhead import LetterSender
from casework.letters.payment_letters import LetterWords
from casework.letters.store import document_file
from casework.mailbox.store import message, message_attachment
from casework.store import document
from config.effects import BATCHED
from config.migrations import migrate
from config.processes.embedded import Valkey
from config.processes.ticker import RING_SECONDS
from config.processes.worker import ENTRY
from foundation import outbox
from foundation.clock import now_ms
from foundation.doorbell import Doorbell
from foundation.sql.database import LONG_SECONDS, Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import fsync_ms
from loadtests.bench.submissions import a_postgresql
from submission.exempt.store import exempt_ledger
from submission.store import SUBMISSION, submission

FILES = 5_073
"""The cap of 2016, with its margin."""

EACH = (FileTask.PAYMENT_CONFIRMATION, FileTask.FILE_OPENING)

WORKERS = 2

KILL_SECONDS = (3.0, 9.0)
"""Between two kills, at random."""

BEGINS_SECONDS = 4.0
"""After which a worker has certainly begun to work."""

MOST_SECONDS = 180.0

KEY = "kZ8wqv2ZVx0Yb1vTtG5mQmJrj7Wc3sLh9dPnXfAe4uRo6yKi"

T0 = 1_465_800_000_000

PAID = {"cents": 82_200, "instrument": "card"}


def person(number: int) -> Identity:
    names = (
        ("Élodie", "Marc-Antoine", "Nguyễn Thị", "Amélie", "José"),
        ("N’Diaye", "Tremblay", "Lê", "Œuvrard"),
    )
    return Identity(
        family_name=f"{names[1][number % 4]} {number}", given_name=names[0][number % 5], birth_date="1990-02-03",
        passport=f"P{number:07}",
    )  # fmt: skip


def address(number: int) -> HomeAddress:
    return HomeAddress([f"{number}, rue de l’Église", "Montréal (Québec)  H2X 1Y4"], "CA")


async def fill(conn: AsyncConnection, files: int) -> None:
    """The files as their payment left them."""
    personal, numbers, now = PersonalFields((KEY,)), range(1, files + 1), now_ms()
    people = [
        {"id": n, "username": f"essai-{n}", "password_hash": "", "answers_hash": "", "questions": "[]",
         "created_at": T0, "identity": personal.seal_identity(f"essai-{n}", person(n)),
         "address": personal.seal(f"essai-{n}", ADDRESS, msgspec.json.encode(address(n)).decode())}
        for n in numbers
    ]  # fmt: skip
    files_of = [
        {"id": n, "receipt": f"MPQ-{n:05}", "rank": n, "account": n, "person": f"{n}", "submitted_at": T0,
         "pay_by": T0, "capacity": "candidate", "device": "{}", "content": "{}", "ledger": "demo",
         "stream": "offre_emploi_validee"}
        for n in numbers
    ]  # fmt: skip
    paid = [
        {"submission": n, "kind": FileEventKind.PAID, "key": f"{n}:paid:1", "at": T0, "actor": "service",
         "role": "service", "detail": msgspec.json.encode(PAID).decode()}
        for n in numbers
    ]  # fmt: skip
    tasks = [
        {
            "kind": kind,
            "subject_kind": SUBMISSION,
            "subject_id": str(n),
            "key": f"{kind}:{n}",
            "staged_at": now,
        }
        for n in numbers
        for kind in EACH
    ]
    await conn.execute(sa.insert(exempt_ledger).values(programme="demo", person_key="key"))
    for table, rows in ((accounts_store.account, people), (submission, files_of), (file_event, paid)):
        await conn.execute(sa.insert(table), rows)
    await conn.execute(sa.insert(outbox.task), tasks)


class Workers:
    """Two `guichet worker`; whichever dies is started again."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self._environ, self._log, self.kills = environ, log.open("wb"), 0
        self._all = [self._start() for _ in range(WORKERS)]
        self._since = [time.perf_counter()] * WORKERS

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "config", "worker"]
        return subprocess.Popen(command, env=self._environ, stderr=self._log, start_new_session=True)

    def check(self) -> None:
        """Raises SystemExit for a worker that ended by itself."""
        if any(one.poll() is not None for one in self._all):
            raise SystemExit("a worker ended by itself: see its log")

    def kill_one(self) -> None:
        """SIGKILL, wherever it is, if it has had time to begin; another one at once."""
        place = random.randrange(WORKERS)
        if time.perf_counter() - self._since[place] < BEGINS_SECONDS:
            return
        self._all[place].send_signal(signal.SIGKILL)
        self._all[place].wait()
        self._all[place], self._since[place] = self._start(), time.perf_counter()
        self.kills += 1

    def close(self) -> None:
        for one in self._all:
            one.send_signal(signal.SIGKILL)
            one.wait()
        self._log.close()


async def left(conn: AsyncConnection) -> int:
    t = outbox.task.c
    waiting = sa.select(sa.func.count()).where(t.state != outbox.TaskState.DONE, t.kind.in_(EACH))
    return int((await conn.execute(waiting)).scalar_one())


async def filed(db: Database, bell: Doorbell, workers: Workers) -> float:
    """Seconds until no task is left; a worker is killed at random all the while."""
    began = time.perf_counter()
    kill_at = began + random.uniform(*KILL_SECONDS)
    while await db.read(left):
        await bell.ring_due()
        workers.check()
        await asyncio.sleep(RING_SECONDS)
        if time.perf_counter() > kill_at:
            workers.kill_one()
            kill_at = time.perf_counter() + random.uniform(*KILL_SECONDS)
        if time.perf_counter() - began > 3 * MOST_SECONDS:
            raise SystemExit(f"{await db.read(left)} letters were not filed")
    return time.perf_counter() - began


async def wrong(conn: AsyncConnection, files: int) -> int:
    """Files without exactly one letter of each kind, with a PDF and a number."""
    d, f = document, document_file
    kinds = (DocumentKind.PAYMENT_CONFIRMATION, DocumentKind.FILE_OPENING)
    rows = await conn.execute(
        sa.select(d.c.subject_id, d.c.kind, f.c.number, f.c.digest).outerjoin(f, f.c.document == d.c.id)
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        assert row.digest
        found.setdefault(row.subject_id, []).append((row.kind, row.number))
    right = [
        sorted(kind for kind, _ in letters) == sorted(kinds) and sorted(n for _, n in letters) == [1, 2]
        for letters in found.values()
    ]
    return files - sum(right)


async def untold(conn: AsyncConnection, files: int) -> int:
    """Files whose owners do not have exactly one message, with both letters."""
    m, a = message.c, message_attachment.c
    attached = sa.select(m.account, m.id, sa.func.count().label("letters")).join(
        message_attachment, a.message == m.id
    )
    found: dict[int, list[int]] = {}
    for row in await conn.execute(attached.group_by(m.account, m.id)):
        found.setdefault(row.account, []).append(row.letters)
    right = [told == [len(EACH)] for told in found.values()]
    return files - sum(right)


async def on_store(url: str, folder: Path, files: int) -> tuple[float, int, int, int]:
    """Seconds, kills, files that do not have their two letters, and files whose owners were not told once."""
    await migrate(url)
    db, queue = Database(url), Valkey(folder / "queue")
    queue.start()
    await db.write(lambda conn: fill(conn, files), LONG_SECONDS)
    environ = {
        "PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "DATABASE_URL": url,
        "REDIS_URL": queue.url, "SECRET_KEYS": KEY, "PUBLIC_URL": "http://127.0.0.1:8000",
    }  # fmt: skip
    bell = Doorbell(db, redis.Redis.from_url(queue.url), ENTRY, batched=BATCHED)
    workers = Workers(environ, folder / "workers.log")
    try:
        seconds = await filed(db, bell, workers)
        missing = await db.read(lambda conn: wrong(conn, files))
        return seconds, workers.kills, missing, await db.read(lambda conn: untold(conn, files))
    finally:
        workers.close()
        bell.close()
        await db.close()
        queue.stop()


def bare(first: int, files: int, checked: bool) -> None:
    """The PDFs of every second file from this one on."""
    words = LetterWords("Programme de démonstration", LetterSender("Ministère de la Démonstration"))
    paid = FileEvent(kind=FileEventKind.PAID, at=T0, actor="service", detail=PAID)
    for n in range(first, files + 1, WORKERS):
        head = FileSheet(
            submission=n, account=n, username=f"essai-{n}", identity=person(n), email=None, address=address(n),
            receipt=f"MPQ-{n:05}", programme="demo", rules=None, ordinal=None, rank=n, submitted_at=T0, pay_by=T0,
        )  # fmt: skip
        for blocks_of in (payment_letters.confirmation_blocks, payment_letters.opening_blocks):
            content = blocks_of(head, words, paid, T0)
            rendering.pdf_of(content, "Lettre", f"Dossier {file_number(n)}", T0, checked=checked)


def bare_rate(files: int, checked: bool) -> float:
    """Letters a second, in two processes that are warm."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        list(pool.map(partial(bare, files=4, checked=checked), range(1, WORKERS + 1)))
        began = time.perf_counter()
        list(pool.map(partial(bare, files=files, checked=checked), range(1, WORKERS + 1)))
        return len(EACH) * files / (time.perf_counter() - began)


@contextlib.contextmanager
def a_store(store: str, folder: Path) -> Iterator[str]:
    if store == "sqlite":
        yield f"sqlite:///{folder / 'letters.db'}"
        return
    with a_postgresql() as url:
        yield url


def run(files: int = FILES, store: str = "postgresql") -> Found:
    """One store; about two minutes."""
    with tempfile.TemporaryDirectory(prefix="guichet-letters-") as name, a_store(store, Path(name)) as url:
        rate, alone = bare_rate(files, True), bare_rate(files, False)
        seconds, kills, missing, silent = asyncio.run(on_store(url, Path(name), files))
        notes: dict[str, Any] = {"fsync": f"{fsync_ms(Path(name)):.2f} ms"}
    letters = len(EACH) * files
    notes |= {
        "store": f"{store}, on the same two cores",
        "workers killed": f"{kills} times with SIGKILL, every {KILL_SECONDS[0]:.0f} to {KILL_SECONDS[1]:.0f} s",
        "bare": "two processes make the PDFs of the same blocks and read them back, and keep none",
        "bare, typst alone": f"{alone:.0f}/s, of letters that nobody reads back",
    }
    return Found(
        [
            Figure(what=f"{letters:,} letters filed", value=seconds, unit="s", most=MOST_SECONDS),
            Figure(what="letters filed", value=letters / seconds, unit="/s", bare=rate, least=0.5),
            Figure(what="files without each letter exactly once", value=missing, most=0),
            Figure(what="files without one message of both letters", value=silent, most=0),
        ],
        notes,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--store", choices=("postgresql", "sqlite"), default="postgresql")
    options, others = parser.parse_known_args()
    sys.exit(measure({"letters": partial(run, options.files, options.store)}, others))
