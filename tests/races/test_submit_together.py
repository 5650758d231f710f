"""Submissions that arrive together: decided one after the other, written together, over processes; one refused costs
nobody else, and a killed process has told nobody what is not there."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import sessions
from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql import tables
from foundation.sql.database import LONG_SECONDS, Database
from quota import ledger, unit_of_work
from quota import store as quota_store
from quota.store import Period
from quota.unit_of_work import LedgerUnit
from submission import duplicates
from submission import store as submission_store
from submission.drafts import repository
from submission.drafts import store as drafts_store
from submission.follow_up import FollowUp
from submission.states import Capacity
from submission.submit import Accepted, Signing
from tests.bench.people import called as prepared
from tests.support.desks import Desk, call, make_account, make_desk, sign_in, signed, visit
from tests.support.rooms import KEYS, make_period, read_period, rows_of, set_period

PEOPLE, LIVE, CAP = 200, 120, 150


async def everybody(url: str, browsers: list[dict[str, Any]]) -> None:
    """What a process of the test does: submit for all of these at once, and print what each is told, as it is told."""
    db = Database(url)
    desk = make_desk(db)
    period = await db.read(lambda conn: ledger.period_by_id(conn, "demo"))
    numbers = [browser["number"] for browser in browsers]
    tokens = await db.read(lambda conn: ledger.find_many(conn, period.uid, numbers))

    async def one(browser: dict[str, Any]) -> None:
        cookies = dict(part.split("=", 1) for part in browser["cookie"].split("; "))
        token = desk.tokens.mint(period, tokens[browser["number"]], now_ms())
        signing = Signing(token=token, declaration=True, capacity=Capacity.CANDIDATE)
        try:
            told: Accepted | Refusal = await desk.submit(visit(cookies), "demo", signing)
        except Refusal as refusal:
            told = refusal
        if isinstance(told, Accepted):
            print("repeat" if told.repeated else "new", told.receipt, flush=True)
        else:
            print(told.code, "-", flush=True)

    await asyncio.gather(*(one(browser) for browser in browsers))
    await db.close()


CHILD = """
import asyncio, json, sys
from pathlib import Path
from tests.races.test_submit_together import everybody
asyncio.run(everybody(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))
"""


@contextlib.contextmanager
def a_process(url: str, browsers: list[dict[str, Any]], folder: Path) -> Any:
    path = folder / "browsers.json"
    path.write_text(json.dumps(browsers))
    child = subprocess.Popen([sys.executable, "-c", CHILD, url, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


async def test_two_processes_fill_exactly_the_cap(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Two hundred submit at once, each to two processes: 150 places, ranks without a gap (P2, P4)."""
    browsers = await database.write(lambda conn: prepared(conn, PEOPLE, KEYS[0]), LONG_SECONDS)
    await lapse_some(database)
    with (
        a_process(database_url, browsers, tmp_path) as one,
        a_process(database_url, browsers, tmp_path) as other,
    ):
        said = [await asyncio.to_thread(child.communicate) for child in (one, other)]
    told = [line.split() for output, _ in said for line in output.splitlines()]
    found = Counter(code for code, _ in told)
    assert len(told) == 2 * PEOPLE
    assert found["new"] == CAP
    assert found.keys() <= {"new", "repeat", "token_expired", "quota_reached"}
    period = await database.read(lambda conn: ledger.period_by_id(conn, "demo"))
    assert (period.accepted, period.held, period.state) == (CAP, CAP, "cap_reached")
    s = submission_store.submission
    rows = (await database.read(lambda conn: conn.execute(sa.select(s.c.rank, s.c.receipt)))).all()
    assert sorted(row.rank for row in rows) == list(range(1, CAP + 1))
    assert {receipt for code, receipt in told if code in ("new", "repeat")} == {row.receipt for row in rows}


async def lapse_some(db: Database) -> None:
    """120 live tokens stay; 80 lapsed after their owners had sent; and there are 150 places."""
    t = quota_store.token

    async def change(conn: Any) -> None:
        late = {"state": "lapsed", "ended_at": now_ms(), "ended_clock": 0}
        await conn.execute(sa.update(t).where(t.c.number > LIVE).values(late))
        await conn.execute(sa.update(quota_store.period).values(cap=CAP, held=LIVE))

    await db.write(change)


async def test_a_killed_process_has_told_nobody_what_is_not_there(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """kill -9 with batches in flight: each receipt that was told is in SQL, and places, ranks and jobs add up (P3)."""
    browsers = await database.write(lambda conn: prepared(conn, PEOPLE, KEYS[0]), LONG_SECONDS)
    with a_process(database_url, browsers, tmp_path) as child:
        told = {await asyncio.to_thread(child.stdout.readline) for _ in range(3)}
        child.kill()
        told |= set((await asyncio.to_thread(child.stdout.read)).splitlines(keepends=True))
    receipts = {line.split()[1] for line in told if line.endswith("\n")}
    s, j = submission_store.submission, outbox.task
    kept = set((await database.read(lambda conn: conn.execute(sa.select(s.c.receipt)))).scalars())
    assert receipts <= kept
    period = await database.read(lambda conn: ledger.period_by_id(conn, "demo"))
    following = (
        sa.select(sa.func.count()).select_from(j).where(j.c.subject_kind == submission_store.SUBMISSION)
    )
    jobs = await database.read(lambda conn: conn.execute(following))
    assert (period.accepted, jobs.scalar_one()) == (len(kept), len(FollowUp) * len(kept))


async def three_of_whom_the_second_is_refused(desk: Desk) -> tuple[Period, list[Any]]:
    """The second's account has an overdue token besides, which binding would end, and no signature."""
    period = await make_period(desk.db)
    for number in (1, 2, 3):
        await make_account(desk, number)
    overdue = await call(desk, period, 9, ends=10_000)
    await sign_in(desk, overdue, 2)
    people = [(await call(desk, period, number), await sign_in(desk, None, number)) for number in (1, 2, 3)]
    await set_period(desk.db, period, clock=60_000)
    work = [
        desk.submit(called.visit(session), "essai", signed(called, declaration=called.number != 2))
        for called, session in people
    ]
    return period, await asyncio.gather(*work, return_exceptions=True)


async def test_one_refused_in_the_middle_leaves_nothing_and_its_neighbours_stand(database: Database) -> None:
    """Not even the overdue token that its binding would have ended: a refusal costs nothing, and moves nothing."""
    period, told = await three_of_whom_the_second_is_refused(make_desk(database))
    assert [getattr(one, "rank", getattr(one, "code", one)) for one in told] == [1, "signature_missing", 2]
    assert await rows_of(database, period) == {1: "used", 2: "live", 3: "used", 9: "live"}
    after = await read_period(database, period)
    assert (after.accepted, after.held) == (2, 4)


async def test_without_all_or_nothing_a_refusal_would_leave_its_traces(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: what the refused one had changed on the sheet is written with the others'."""
    monkeypatch.setattr(LedgerUnit, "all_or_nothing", lambda self: contextlib.nullcontext())
    period, told = await three_of_whom_the_second_is_refused(make_desk(database))
    assert isinstance(told[1], Refusal)
    assert (await rows_of(database, period))[9] == "lapsed"


async def test_one_that_only_a_table_refuses_costs_nobody_else(database: Database) -> None:
    """An error of one is found by trying each alone: its neighbours get their places, and it gets the error."""
    desk = make_desk(database)
    period = await make_period(database)
    people = []
    for number in (1, 2, 3):
        await make_account(desk, number)
        people.append((await call(desk, period, number), await sign_in(desk, None, number)))
    too_long = people[1][0].visit(people[1][1], arrived=float("inf"))
    visits = [people[0][0].visit(people[0][1]), too_long, people[2][0].visit(people[2][1])]
    work = [desk.submit(at, "essai", signed(called)) for at, (called, _) in zip(visits, people, strict=True)]
    told = await asyncio.gather(*work, return_exceptions=True)
    assert [getattr(one, "rank", type(one).__name__) for one in told] == [1, "OverflowError", 2]


async def scanned(url: str, statement: sa.SelectBase) -> list[str]:
    """The tables that SQLite would read from end to end for this statement."""
    text = str(statement.compile(dialect=sqlite.dialect()))
    db = Database(url)

    async def plan(conn: AsyncConnection) -> list[str]:
        driver: Any = (await conn.get_raw_connection()).driver_connection
        outcome = await driver.run("execute", f"EXPLAIN QUERY PLAN {text}", ["[1]"] * text.count("?"))
        return [row[3] for row in outcome[3]]

    try:
        lines = await db.read(plan)
    finally:
        await db.close()
    return [line for line in lines if line.startswith("SCAN") and "json_each" not in line]


async def test_questions_about_many_take_an_index(sqlite_url: str) -> None:
    """Whoever submits last waits no longer than the first. Twin: compared as a boolean, no index is taken."""
    for statement in (
        ledger._OF_NUMBERS.statement,
        repository._OF_SESSIONS.statement,
        unit_of_work._THEIRS.looks["sqlite"].statement,
        duplicates._EARLIER.looks["sqlite"].statement,
        sessions._OWNERS.statement,
        repository._OF_ACCOUNTS.statement,
        repository._SECTIONS,
    ):
        assert await scanned(sqlite_url, statement) == []
    a_boolean = tables.among(drafts_store.draft.c.account, "owners").op("=")(1)
    assert await scanned(sqlite_url, sa.select(drafts_store.draft).where(a_boolean)) == ["SCAN draft"]
