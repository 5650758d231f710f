"""The writer on SQLite: what waits is committed together, and each step stands or falls by itself."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Code, Refusal, Unavailable
from foundation.heartbeat import heartbeat
from foundation.sql import group_commit
from foundation.sql.database import Database
from foundation.sql.group_commit import GroupCommit, PendingStep, locked


async def put(conn: AsyncConnection, name: str) -> str:
    """A row with this name; any table would do."""
    row = {"process": name, "kind": "web", "beats": 1, "at": 1}
    await conn.execute(sa.insert(heartbeat).values(row))
    return name


async def names(db: Database) -> set[str]:
    found = await db.read(lambda conn: conn.execute(sa.select(heartbeat.c.process)))
    return set(found.scalars())


async def refused(conn: AsyncConnection) -> None:
    await put(conn, "refused")
    raise Refusal(Code.NO_TOKEN)


async def twice(conn: AsyncConnection) -> None:
    await put(conn, "twice")
    await put(conn, "twice")


async def five_with_two_that_fail(db: Database) -> list[Any]:
    steps = [lambda conn, n=n: put(conn, f"good {n}") for n in range(3)]
    return await asyncio.gather(
        *(db.write(step) for step in (steps[0], refused, steps[1], twice, steps[2])),
        return_exceptions=True,
    )


async def test_one_refused_in_the_middle_of_a_batch_undoes_itself_alone(db: Database) -> None:
    """Five steps are one transaction; a refusal and an error take back what they wrote, and their neighbours stand."""
    commits: list[None] = []
    event.listen(db._writer.sync_engine, "commit", lambda _: commits.append(None))
    answers = await five_with_two_that_fail(db)
    assert [type(answer).__name__ for answer in answers] == ["str", "Refusal", "str", "IntegrityError", "str"]
    assert await names(db) == {"good 0", "good 1", "good 2"}
    assert len(commits) == 1


async def test_without_savepoints_a_refusal_would_leave_what_it_wrote(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: in one transaction without savepoints, the rows of the one refused are committed with the others'."""

    async def run(self: GroupCommit, connection: AsyncConnection, waiting: PendingStep) -> None:
        try:
            waiting.result = await waiting.step(connection)
        except Exception as problem:
            waiting.problem = problem

    monkeypatch.setattr(GroupCommit, "_run", run)
    await five_with_two_that_fail(db)
    assert await names(db) == {"good 0", "good 1", "good 2", "refused", "twice"}


async def test_a_commit_that_fails_fails_for_all_of_the_batch(db: Database) -> None:
    """The disk gives an error at the commit: nobody was told anything else, nothing is there, the next goes through."""

    def fail(_: object) -> None:
        raise sa.exc.OperationalError("commit", {}, OSError("disk I/O error"))

    event.listen(db._writer.sync_engine, "commit", fail)
    answers = await asyncio.gather(
        *(db.write(lambda conn, n=n: put(conn, f"{n}")) for n in range(5)),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [Unavailable] * 5
    event.remove(db._writer.sync_engine, "commit", fail)
    assert await names(db) == set()
    assert await db.write(lambda conn: put(conn, "next")) == "next"


async def test_a_full_disk_in_the_middle_fails_for_all_of_the_batch(db: Database) -> None:
    """SQLite undoes the whole transaction by itself then: no step of it may be told that it stands."""

    async def too_much(conn: AsyncConnection) -> None:
        pages = (await conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
        try:
            for n in range(100):
                await put(conn, f"{n} {'x' * 1000}")
        finally:
            await conn.exec_driver_sql("PRAGMA max_page_count=1000000")

    answers = await asyncio.gather(
        db.write(lambda conn: put(conn, "before")),
        db.write(too_much),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [Unavailable] * 2
    assert await names(db) == set()
    assert await db.write(lambda conn: put(conn, "next")) == "next"


async def test_a_caller_who_goes_away_leaves_nothing_half_done(db: Database) -> None:
    """Cancelled at any moment: the step runs to its end in its batch, and so do its neighbours."""
    for turns in range(0, 40, 4):
        gone = asyncio.create_task(db.write(lambda conn, n=turns: two(conn, f"gone {n}")))  # type: ignore[misc]
        stays = asyncio.create_task(db.write(lambda conn, n=turns: two(conn, f"stays {n}")))  # type: ignore[misc]
        for _ in range(turns):
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        await stays
    kept = await names(db)
    for turns in range(0, 40, 4):
        assert {f"stays {turns}", f"stays {turns}, again"} <= kept
        assert len({f"gone {turns}", f"gone {turns}, again"} & kept) in ((0, 2) if turns == 0 else (2,))


async def two(conn: AsyncConnection, name: str) -> None:
    await put(conn, name)
    await put(conn, f"{name}, again")


async def test_a_step_that_hangs_fails_its_batch_and_not_the_next(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares a transaction with it is told to come again; what they wrote is gone; the writer goes on."""

    async def hang(conn: AsyncConnection) -> None:
        await put(conn, "hangs")
        await asyncio.Event().wait()

    answers = await asyncio.gather(
        db.write(lambda conn: put(conn, "before")), db.write(hang, seconds=0.2), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Unavailable] * 2
    assert await db.write(lambda conn: put(conn, "next")) == "next"
    assert await names(db) == {"next"}


async def batches_before_another_process_writes(sqlite_url: str) -> list[int]:
    """A web process commits batch after batch; how many of them each write of the ticker had to wait for."""
    web, ticker = Database(sqlite_url), Database(sqlite_url, patience_seconds=0.5)
    committed: list[None] = []
    event.listen(web._writer.sync_engine, "commit", lambda _: committed.append(None))
    busy, waited = True, []

    async def hammer(who: int) -> None:
        while busy:
            await web.write(lambda conn: conn.execute(sa.update(heartbeat).values(at=who)))

    hammers = [asyncio.create_task(hammer(n)) for n in range(100)]
    await web.write(lambda conn: put(conn, "web"))
    for n in range(4):
        before = len(committed)
        with contextlib.suppress(Unavailable):  # it waited half a second for nothing
            await ticker.write(lambda conn, n=n: put(conn, f"ticker {n}"))  # type: ignore[misc]
        waited.append(len(committed) - before)
    busy = False
    await asyncio.gather(*hammers)
    await web.close()
    await ticker.close()
    return sorted(waited)


async def test_a_process_that_writes_all_the_time_does_not_keep_the_ticker_out(sqlite_url: str) -> None:
    """A hundred writers at once in a web process: each write of the ticker waits for the batch under way, no more."""
    assert (await batches_before_another_process_writes(sqlite_url))[-1] <= 3


async def test_without_a_place_in_the_line_the_ticker_would_be_kept_out(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: who comes back for another turn takes it at once, and whoever looks now and then finds it taken."""

    async def rude(self: group_commit.WriterLock) -> int:
        self._files = self._files or (self._open("next"), self._open("now"))
        await locked(self._files[1])
        return self._files[1]

    monkeypatch.setattr(group_commit.WriterLock, "_from_other_processes", rude)
    assert (await batches_before_another_process_writes(sqlite_url))[-1] > 3


WRITES = """
import asyncio, sys
from foundation.sql.database import Database
from foundation.sql.group_commit import GroupCommit
from tests.integration.foundation.sql.test_group_commit import put, told_early

async def one(db, n):
    async def step(conn):
        await put(conn, str(n))
        await asyncio.sleep(0.01)
    await db.write(step)
    print(n, flush=True)

async def main():
    db = Database(sys.argv[1])
    if sys.argv[2] == "early":
        told_early()
    await asyncio.gather(*(one(db, n) for n in range(1000)))

asyncio.run(main())
"""


def told_early() -> None:
    """Tell each step's caller as soon as its statements ran, before anything is committed: in one long batch."""
    group_commit.MOST_TOGETHER, group_commit.BATCH_SECONDS = 1_000, 60.0
    run = GroupCommit._run

    async def telling(self: GroupCommit, connection: AsyncConnection, waiting: PendingStep) -> None:
        await run(self, connection, waiting)
        waiting.tell()

    GroupCommit._run = telling  # type: ignore[method-assign]
    GroupCommit._tell = lambda *_: None  # type: ignore[method-assign]


async def killed_while_it_tells(sqlite_url: str, when: str) -> set[str]:
    """kill -9 of a writer in the middle of a batch, after ten were told: whom it had told, and is not there."""
    command = [sys.executable, "-c", WRITES, sqlite_url, when]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = {child.stdout.readline().strip() for _ in range(10)}
    child.kill()
    told |= set(child.stdout.read().split("\n")[:-1])
    child.wait()
    child.stdout.close()
    db = Database(sqlite_url)
    try:
        return told - await names(db)
    finally:
        await db.close()


async def test_whoever_was_told_is_there_after_a_kill(sqlite_url: str) -> None:
    """Nobody hears of a step before its batch is on the disk (P3)."""
    assert await killed_while_it_tells(sqlite_url, "late") == set()


async def test_told_before_the_commit_some_would_be_lost(sqlite_url: str) -> None:
    """Twin: told when their statements ran, the people of the batch that the kill cut off hold receipts of nothing."""
    assert await killed_while_it_tells(sqlite_url, "early") != set()


async def test_between_two_steps_of_a_batch_others_are_served(db: Database) -> None:
    """Steps have no pauses of their own: without one between them a full batch would hold up the loop."""
    served, done = 0, False

    async def serve() -> None:
        nonlocal served
        while not done:
            served += 1
            await asyncio.sleep(0)

    counts: list[int] = []

    async def step(conn: AsyncConnection, n: int) -> None:
        await put(conn, f"step {n}")
        counts.append(served)

    serving = asyncio.create_task(serve())
    await asyncio.gather(*(db.write(lambda conn, n=n: step(conn, n)) for n in range(20)))  # type: ignore[misc]
    done = True
    await serving
    assert len(set(counts)) == 20


async def test_a_step_that_took_too_long_is_found_out_before_the_commit(db: Database) -> None:
    """It cannot be interrupted while it has no pause; afterwards nobody may be told of a commit that nobody knows."""

    async def slow(conn: AsyncConnection) -> None:
        await put(conn, "slow")
        threading.Event().wait(0.1)

    with pytest.raises(Unavailable):
        await db.write(slow, seconds=0.05)
    assert await names(db) == set()
    assert await db.write(lambda conn: put(conn, "next")) == "next"
