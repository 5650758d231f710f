"""The bare counterpart of submissions: the same rows by the bare driver, behind an empty handler, and nothing else.

What waits is one transaction with a savepoint for each submission: the period's row, the token, the submission, its
signature with a text of the same length, its first status, three staged tasks. Nobody is asked who they are; no rule is
looked at;
nothing is signed. Each row is a statement of its own, as one writes it first; PostgreSQL takes ours as columns, so that
there it may be beaten. `--alone` measures the transactions without HTTP.
"""

import argparse
import asyncio
import secrets
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, TypeVar

import asyncpg
import uvicorn
import uvloop

from loadtests.bench.servers import BACKLOG

T = TypeVar("T")

MOST_TOGETHER = 128

AT = 1_700_000_000_000

DEVICE = (
    '{"allowed":true,"family":"windows","rule":"system","evidence":{"rule_version":"1","user_agent":"%s"}}'
)

PREPARED = """
    select t.period, t.number, t.account from token t join draft d on d.account = t.account order by t.number
"""

PERIOD = "update period set accepted = accepted + 1, version = version + 1 where uid = $1 returning accepted"

TOKEN = "update token set state = 'used', receipt = $1, ended_at = $2 where period = $3 and number = $4"

SUBMISSION = """
    insert into submission (receipt, period, rank, number, account, person, submitted_at, pay_by, capacity, device,
    content, status, fee) values ($1, $2, $3, $4, $5, $6, $7, $8, 'candidate', $9, '{}', 'submitted', $10) returning id
"""

FEE = '{"since":"2016-01-01","lines":[{"person":"principal","count":1,"each":76500}],"sample":true}'

SIGNATURE = """
    insert into signature (receipt, capacity, signed_at, declaration, declaration_digest, form_version, content_digest,
    sealed) values ($1, 'candidate', $2, '2026-11', $3, '1', $4, $5)
"""

SEALED = "x" * 1_216
"""Characters of the sealed answers of the demo's form."""

CHANGE = "insert into status_change (submission, status, at) values ($1, 'submitted', $2)"

TASK = """
    insert into task (subject_kind, subject_id, kind, key, due_at, state, attempt, failures, staged_at, rung_at,
    leased_until) values ('submission', $1, $2, $3, 0, 'staged', 0, 0, $4, 0, 0)
"""

KINDS = ("confirmation", "duplicate_scan", "payment_watch")


def tasks_of(submission: int) -> list[tuple[Any, ...]]:
    return [(str(submission), kind, f"{kind}:submission:{submission}", AT) for kind in KINDS]


class BarePerson(NamedTuple):
    """A person who was called, as prepared (`tests/bench/people.py`)."""

    period: str
    number: int
    account: int


def submission_of(one: BarePerson, receipt: str, rank: int) -> tuple[Any, ...]:
    person, device = secrets.token_hex(32), DEVICE % ("x" * 120)
    return (receipt, one.period, rank, one.number, one.account, person, AT, AT, device, FEE)


def signature_of(receipt: str) -> tuple[Any, ...]:
    return receipt, AT, secrets.token_hex(32), secrets.token_hex(32), SEALED


class Store(Protocol):
    """A database by its bare driver."""

    async def people(self) -> list[BarePerson]: ...  # pragma: no cover - a protocol has no body

    async def commit(self, batch: list[BarePerson]) -> list[int]:
        """Write these in one transaction, a savepoint each; their ranks."""
        ...  # pragma: no cover - a protocol has no body

    async def close(self) -> None: ...  # pragma: no cover - a protocol has no body


class Sqlite:
    """`sqlite3` in a thread of its own: one hop for a whole batch."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._path = path
        self._connection: sqlite3.Connection

    async def open(self) -> "Sqlite":
        await self._there(self._open)
        return self

    async def people(self) -> list[BarePerson]:
        return await self._there(lambda: [BarePerson(*row) for row in self._connection.execute(PREPARED)])

    async def commit(self, batch: list[BarePerson]) -> list[int]:
        return await self._there(lambda: self._commit(batch))

    async def close(self) -> None:
        await self._there(self._connection.close)
        self._thread.shutdown()

    async def _there(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0"):
            self._connection.execute(f"PRAGMA {pragma}")

    def _commit(self, batch: list[BarePerson]) -> list[int]:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        ranks = []
        for one in batch:
            execute("SAVEPOINT one")
            receipt = secrets.token_hex(12)
            rank = execute(PERIOD, (one.period,)).fetchone()[0]
            execute(TOKEN, (receipt, AT, one.period, one.number))
            submission = execute(SUBMISSION, submission_of(one, receipt, rank)).fetchone()[0]
            execute(SIGNATURE, signature_of(receipt))
            execute(CHANGE, (submission, AT))
            self._connection.executemany(TASK, tasks_of(submission))
            execute("RELEASE one")
            ranks.append(rank)
        execute("COMMIT")
        return ranks


class Postgresql:
    """asyncpg, one connection, its own cache of prepared statements."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection

    async def open(self) -> "Postgresql":
        self._connection = await asyncpg.connect(self._url)
        return self

    async def people(self) -> list[BarePerson]:
        return [BarePerson(*row) for row in await self._connection.fetch(PREPARED)]

    async def commit(self, batch: list[BarePerson]) -> list[int]:
        connection, ranks = self._connection, []
        async with connection.transaction():
            for one in batch:
                async with connection.transaction():  # a savepoint
                    receipt = secrets.token_hex(12)
                    rank = await connection.fetchval(PERIOD, one.period)
                    await connection.execute(TOKEN, receipt, AT, one.period, one.number)
                    submission = await connection.fetchval(SUBMISSION, *submission_of(one, receipt, rank))
                    await connection.execute(SIGNATURE, *signature_of(receipt))
                    await connection.execute(CHANGE, submission, AT)
                    await connection.executemany(TASK, tasks_of(submission))
                ranks.append(rank)
        return ranks

    async def close(self) -> None:
        await self._connection.close()


async def opened(url: str) -> Store:
    if url.startswith("sqlite:///"):
        return await Sqlite(url.removeprefix("sqlite:///")).open()
    return await Postgresql(url).open()


class Handler:
    """Each request is the next prepared person; what waits is committed together."""

    def __init__(self, store: Store, people: list[BarePerson]) -> None:
        self._store, self._people = store, iter(people)
        self._waiting: list[tuple[BarePerson, asyncio.Future[int]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((next(self._people), answer))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        body = b'{"rank":%d}' % await answer
        length = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 201, "headers": length})
        await send({"type": "http.response.body", "body": body})

    async def _drain(self) -> None:
        await asyncio.sleep(0)
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            ranks = await self._store.commit([one for one, _ in batch])
            for (_, answer), rank in zip(batch, ranks, strict=True):
                answer.set_result(rank)
        self._task = None


async def serve(handle: int, url: str) -> None:
    store = await opened(url)
    config = uvicorn.Config(
        Handler(store, await store.people()), loop="uvloop", http="httptools", lifespan="off", backlog=BACKLOG,
        proxy_headers=False, access_log=False, server_header=False, log_config=None,
    )  # fmt: skip
    await uvicorn.Server(config).serve(sockets=[socket.socket(fileno=handle)])


async def alone(url: str, most: int) -> float:
    """Transactions without HTTP, each of as many submissions as connections would bring: submissions a second."""
    store = await opened(url)
    people = (await store.people())[-most:]
    began = time.perf_counter()
    for start in range(0, len(people), MOST_TOGETHER):
        await store.commit(people[start : start + MOST_TOGETHER])
    seconds = time.perf_counter() - began
    await store.close()
    return len(people) / seconds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.bare_submissions", description=__doc__)
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--handle", type=int, help="a listening socket, inherited")
    parser.add_argument("--alone", type=int, help="so many of the last ones prepared, without HTTP")
    options = parser.parse_args()
    if options.alone:
        print(uvloop.run(alone(options.database_url, options.alone)))
    else:
        uvloop.run(serve(options.handle, options.database_url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
