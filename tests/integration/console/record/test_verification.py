"""The record is verified from a page: bounded in time, gone on with, and what was changed is found (P16)."""

import asyncio
import threading
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from starlette.responses import StreamingResponse

from console.record import entries, reading, verification
from console.record.entries import RecordFilter
from console.record.verification import Verification
from evidence import verify_audit
from foundation import audit
from foundation.audit import Actor, Stream
from foundation.audit_chain import ChainPosition
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.sql.sqlite import InlineConnection, Outcome

VERA = Actor("vera", "auditor")


async def lay(database: Database, acts: int, looks: int = 3) -> None:
    """So many lines of each stream."""

    async def write(conn: object) -> None:
        for n in range(max(acts, looks)):
            if n < acts:
                await audit.record(conn, VERA, "sign_in", None, now_ms())  # type: ignore[arg-type]
            if n < looks:
                await audit.record(conn, VERA, audit.LOOK, None, now_ms(), page="x")  # type: ignore[arg-type]

    await database.write(write)


async def test_a_whole_record_is_found_whole(database: Database) -> None:
    """The verification is itself a line, and the next one reads that too."""
    await lay(database, 7)
    assert await database.read(verification.last) is None
    assert await database.read(verification.size) == 10
    found = await verification.verify(database, VERA)
    assert (found.whole, found.complete, found.lines, found.breaks) == (True, True, 10, [])
    last = await database.read(verification.last)
    assert last is not None and (last.by, last.found) == ("vera", found)
    assert (await verification.verify(database, VERA)).lines == 11


async def test_what_was_changed_is_found_and_stays_found(database: Database) -> None:
    """Whoever verifies again begins at the beginning, and finds it again."""
    await lay(database, 7)
    changed = sa.update(audit.audit).where(audit.audit.c.stream == Stream.ACTS, audit.audit.c.sequence == 3)
    await database.write(lambda conn: conn.execute(changed.values(actor="mallory")))
    for _ in range(2):
        found = await verification.verify(database, VERA)
        assert (found.whole, found.breaks) == (False, ["acts: line 3: altered"])


async def test_a_reading_that_ran_out_of_time_is_gone_on_with(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some lines a time, until the end; a line that was read before and is changed meanwhile shows by its hash."""
    monkeypatch.setattr(verify_audit, "LINES_BETWEEN_OTHERS", 4)
    await lay(database, 10, 2)
    first = await verification.verify(database, VERA, 0)
    assert (first.whole, first.complete, first.lines) == (True, False, 6)
    assert first.begun()[Stream.ACTS].sequence == 4
    second = await verification.verify(database, VERA, 0)
    assert (second.complete, second.lines) == (False, 10)
    done = await verification.verify(database, VERA, 60)
    assert (done.whole, done.complete, done.lines) == (True, True, 14) and done.begun() == {}
    await verification.verify(database, VERA, 0)
    acts = audit.audit.c
    changed = sa.update(audit.audit).where(acts.stream == Stream.ACTS, acts.sequence == 4)
    await database.write(lambda conn: conn.execute(changed.values(hash="0" * 64)))
    found = await verification.verify(database, VERA, 60)
    assert not found.whole


async def test_others_have_their_turn_while_it_is_read(on_sqlite: Database) -> None:
    """A reading of many lines is many short ones for the loop, whatever the store."""
    await lay(on_sqlite, 10 * verify_audit.LINES_BETWEEN_OTHERS, 0)
    turns, reading = 0, asyncio.ensure_future(verification.verify(on_sqlite, VERA))
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await reading).complete and turns >= 10


class StatementSeen(NamedTuple):
    """A statement: whether the loop waited for it, and how many rows it brought."""

    in_loop: bool
    rows: int


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[StatementSeen]:
    """Every statement of SQLite that read something, as it was executed."""
    found: list[StatementSeen] = []
    run, loop = InlineConnection._run, threading.get_ident()

    def watched(self: InlineConnection, *args: Any) -> Outcome:
        outcome = run(self, *args)
        if outcome[3]:
            found.append(StatementSeen(threading.get_ident() == loop, len(outcome[3])))
        return outcome

    monkeypatch.setattr(InlineConnection, "_run", watched)
    return found


async def read_all(db: Database) -> None:
    """All that auditors ask of a record."""
    await verification.verify(db, VERA)
    await reading.read(db, {"acte": "sign_in"}, "/personnel/registre")
    exported = await reading.exported(db, VERA, RecordFilter())
    assert isinstance(exported, StreamingResponse)
    async for _ in exported.body_iterator:
        pass


async def test_no_step_of_the_loop_reads_many_lines(
    on_sqlite: Database, statements: list[StatementSeen]
) -> None:
    """What searches through the record is the thread's, and the loop is given a hundred lines at a time, however long
    the record is."""
    await lay(on_sqlite, 5 * verify_audit.LINES_BETWEEN_OTHERS, 0)
    statements.clear()
    await read_all(on_sqlite)
    most = max(verify_audit.LINES_BETWEEN_OTHERS, entries.AT_ONCE)
    assert most <= 100 and max(seen.rows for seen in statements) == most
    assert max(seen.rows for seen in statements if seen.in_loop) <= 2, "heads, and lines that are written"


async def test_in_the_loop_others_would_wait_for_it(
    on_sqlite: Database, statements: list[StatementSeen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: read as anything else is, it is the loop that searches."""
    await lay(on_sqlite, 5 * verify_audit.LINES_BETWEEN_OTHERS, 0)
    monkeypatch.setattr(Database, "read_long", Database.read)
    statements.clear()
    await read_all(on_sqlite)
    assert sum(seen.in_loop and seen.rows >= verify_audit.LINES_BETWEEN_OTHERS for seen in statements) > 5


def test_only_what_was_begun_well_is_gone_on_with() -> None:
    """Not what is complete, nor what is broken, nor nonsense."""
    through = {"acts": f"4:{'a' * 64}", "looks": "x"}
    begun = Verification(whole=True, complete=False, lines=4, through=through)
    assert begun.begun() == {Stream.ACTS: ChainPosition(4, "a" * 64)}
    assert Verification(whole=True, complete=True, lines=4, through=through).begun() == {}
    assert Verification(whole=False, complete=False, lines=4, through=through).begun() == {}
