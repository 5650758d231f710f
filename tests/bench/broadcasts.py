"""What a broadcast costs: a message to each of 5,073 accounts, from the second person's word to the last message.

`make bench` runs it, on both stores: one process rings and works as ticker and worker do, one task after the other. The
bare counterpart writes the rows that then stand (recipient, message, mail, task of the mail) into an empty SQLite file,
as many at once. Sending the mails over SMTP is not in it.
"""

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.store import account
from casework.mailbox import audiences, broadcasts
from casework.mailbox.audiences import Audience, AudienceKind
from casework.mailbox.broadcasts import PEOPLE_A_BATCH, SEND_BATCH, ShownAudience
from casework.mailbox.sending import sending
from casework.mailbox.services import mailbox_services
from casework.mailbox.typed import TypedMessage
from config.migrations import migrate
from foundation import outbox
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.mail import sealing
from foundation.sql.database import Database
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.submissions import a_postgresql
from tests.bench.duplicates import identity_of

KEYS = ("a key of the benchmark, long enough",)

ACCOUNTS = 5_073

LEAST = 0.05
"""Of the bare rows: what is said is encrypted, each account is looked up, and keys are held."""

MOST_SECONDS = 60

TABLES = ("broadcast_recipient", "message", "mail", "task")

SAID = TypedMessage(
    "La modification en ligne est ouverte", "Bonjour.\n\nVous pouvez modifier votre adresse en ligne."
)

EVERYBODY = Audience(kind=AudienceKind.EVERYBODY)

AUTHOR, SECOND = Actor("anne", "agent"), Actor("bruno", "approver")


async def fill(conn: AsyncConnection, count: int, personal: PersonalFields) -> None:
    """So many people who do not exist, each with an address."""
    names = [f"bench{number:05d}" for number in range(1, count + 1)]
    rows = [
        {"username": name, "password_hash": "", "answers_hash": "", "questions": "[]", "created_at": number,
         "identity": personal.seal_identity(name, identity_of(number)),
         "email": personal.seal(name, EMAIL, f"{name}@courriel.example")}
        for number, name in enumerate(names, 1)
    ]  # fmt: skip
    await conn.execute(sa.insert(account), rows)


async def started(db: Database) -> tuple[int, float]:
    """A broadcast that two people want, and the seconds of the second one's word: a row a person, a task a batch."""
    of = await db.write(lambda conn: broadcasts.write(conn, AUTHOR, SAID, EVERYBODY, now_ms()))
    people = await db.read(lambda conn: audiences.found(conn, EVERYBODY))
    shown = ShownAudience(of.version, people.digest)
    of = await db.write(lambda conn: broadcasts.confirm(conn, of.id, shown, AUTHOR, now_ms()))
    if of.started_at is not None:
        return of.id, 0.0
    again, began = ShownAudience(of.version, people.digest), time.perf_counter()
    await db.write(lambda conn: broadcasts.approve(conn, of.id, again, SECOND, now_ms()), 60)
    return of.id, time.perf_counter() - began


async def delivered(db: Database) -> list[float]:
    """Every batch, done as it is rung for; the seconds of each."""
    effects, took = {SEND_BATCH: sending(mailbox_services(KEYS, "http://guichet.test"))}, []
    batches = sa.select(outbox.task.c.id).where(outbox.task.c.kind == SEND_BATCH).order_by(outbox.task.c.id)
    for row in (await db.read(lambda conn: conn.execute(batches))).all():
        began = time.perf_counter()
        assert await outbox.perform(db, effects, row.id, 0)
        took.append(time.perf_counter() - began)
    return took


async def sent(url: str, count: int) -> tuple[float, list[float]]:
    """Seconds of the start, and of each batch, of a broadcast to so many."""
    await migrate(url)
    db = Database(url)
    await db.write(lambda conn: fill(conn, count, PersonalFields(KEYS)), 600)
    id, start = await started(db)
    took = await delivered(db)
    told = await db.read(lambda conn: broadcasts.progress(conn, id))
    assert told.delivered == told.people == count
    await db.close()
    return start, took


def bare(store: Path, into: Path) -> float:
    """Seconds to write the rows of these tables into an empty file, as many accounts at once as a batch has."""
    took = 0.0
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(into)) as target:
        target.execute("pragma journal_mode = wal")
        for table in TABLES:
            (schema,) = source.execute("select sql from sqlite_master where name = ?", (table,)).fetchone()
            target.execute(schema)
            rows = source.execute(f"select * from {table}")  # a name of ours
            places = ", ".join("?" * len(rows.description))
            while some := rows.fetchmany(PEOPLE_A_BATCH):
                began = time.perf_counter()
                with target:
                    target.executemany(f"insert into {table} values ({places})", some)
                took += time.perf_counter() - began
    return took


def figures(store: str, count: int, start: float, took: list[float], bare_seconds: float) -> list[Figure]:
    seconds = sum(took)
    return [
        Figure(what=f"a broadcast to {count:,} accounts, from the second person's word to the last message, {store}",
               value=start + seconds, unit="s", most=MOST_SECONDS),
        Figure(what=f"of it the start: a row a person, a task a batch, {store}", value=start, unit="s"),
        Figure(what=f"messages delivered a second, each with its notice posted, {store}", value=count / seconds,
               bare=count / bare_seconds, unit="a second", least=LEAST),
        Figure(what=f"the slowest batch of {PEOPLE_A_BATCH}, which other writers wait for, {store}",
               value=max(took) * 1000, unit="ms"),
    ]  # fmt: skip


def run(count: int = ACCOUNTS) -> Found:
    """Both stores, one after the other; a minute."""
    sealing.seal_with(KEYS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start, took = asyncio.run(sent(f"sqlite:///{folder / 'bench.db'}", count))
        bare_seconds = bare(folder / "bench.db", folder / "bare.db")
        found = figures("SQLite", count, start, took, bare_seconds)
        with a_postgresql() as url:
            found += figures("PostgreSQL", count, *asyncio.run(sent(url, count)), bare_seconds)
    return Found(found, {"accounts": f"{count:,}", "batch": f"{PEOPLE_A_BATCH} accounts in one transaction"})


if __name__ == "__main__":
    sys.exit(measure({"broadcasts": run}, sys.argv[1:]))
