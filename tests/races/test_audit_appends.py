"""Lines that are appended at once make one chain; without the lock of the chain's row they do not (P16)."""

import asyncio

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from evidence.verify_audit import ChainReport, read_chains
from foundation import audit
from foundation.audit import Stream
from foundation.audit_chain import ChainPosition
from foundation.sql.database import Database
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import make_period

WRITERS, LINES = 4, 25


async def append_at_once(url: str) -> list[BaseException]:
    """Several processes' worth of connections, each with many lines in flight; what failed."""
    databases = [Database(url) for _ in range(WRITERS)]

    async def append(db: Database, name: str) -> None:
        await db.write(lambda conn: audit.record(conn, name, "pause", None, 1))

    jobs = [append(db, f"{n}-{line}") for n, db in enumerate(databases) for line in range(LINES)]
    ended = await asyncio.gather(*jobs, return_exceptions=True)
    for db in databases:
        await db.close()
    return [one for one in ended if isinstance(one, BaseException)]


async def acts(db: Database) -> ChainReport:
    found, _ = await db.read(read_chains)
    return found


async def test_lines_appended_at_once_make_one_chain(database: Database, database_url: str) -> None:
    """A hundred lines over four writers: every one is there, each follows the one before, none twice."""
    assert await append_at_once(database_url) == []
    chain = await acts(database)
    assert (chain.breaks, chain.lines, chain.head.sequence) == ([], WRITERS * LINES, WRITERS * LINES)


async def test_without_the_lock_the_chain_forks(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: heads read without their lock. Two lines follow the same one, and the chain is found broken.

    On PostgreSQL only: SQLite has one writer. The table's own rule is taken away too, which would turn the second of
    two such lines into an error.
    """

    async def unlocked(conn: AsyncConnection, stream: Stream) -> ChainPosition:
        c = audit.audit_chain.c
        row = (await conn.execute(sa.select(c.sequence, c.hash).where(c.stream == stream))).one()
        return ChainPosition(row.sequence, row.hash)

    monkeypatch.setattr(audit, "_locked", unlocked)
    db = Database(postgresql_url)
    drop = sa.text("alter table audit drop constraint uq_audit_stream_sequence")
    await db.write(lambda conn: conn.execute(drop))
    await append_at_once(postgresql_url)
    assert (await acts(db)).breaks != []
    await db.close()


async def test_a_submission_that_meets_the_cap_takes_the_lock_last(postgresql_url: str) -> None:
    """Its line is written after all its rows, whose keys wait for an account's lock: a grant that holds that account
    and wants the chain is never in its way, nor it in the grant's."""
    db = Database(postgresql_url)
    desk = make_desk(db)
    period = await make_period(db, cap=1)
    await make_account(desk)
    called = await call(desk, period, 1)
    session = await sign_in(desk)
    ran: list[str] = []

    def execute(_conn: object, _cursor: object, text: str, *_: object) -> None:
        ran.append(text)

    event.listen(db._writer.sync_engine, "before_cursor_execute", execute)
    assert (await desk.submit(called.visit(session), "essai", signed(called))).rank == 1
    (locked,) = [n for n, text in enumerate(ran) if "FROM audit_chain" in text and "FOR UPDATE" in text]
    assert [text.split("(")[0].split(" SET")[0].strip() for text in ran[locked + 1 :]] == [
        "INSERT INTO audit",
        "UPDATE audit_chain",
    ]
    desk.accounts.hasher.close()
    await db.close()
