"""SQL or Redis or both come back from copies, of the same moment or of different ones: a drill for each pair.

Ten people join and three are called; the first copies are made. More join, are called, one submits; the second copies
are made; and once more. Then stores are put back, and newcomers ask before anybody else does. Whatever is put back:
nobody's number changes, none comes twice, whoever was called by what SQL still knows stays called, and everybody else
waits in their order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from config.processes.embedded import Valkey
from evidence.verify import verify
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database
from quota import ledger
from quota.unit_of_work import open_unit
from tests.support.copies import copy_redis, copy_sql, restore_redis, restore_sql
from tests.support.outages import ticker_of
from tests.support.rooms import Hall, hall, make_period, read_period, rows_of
from waitingroom.calls import TickOutcome
from waitingroom.joins.joins import Joined
from waitingroom.line import restorations, setbacks
from waitingroom.line.restorations import Restoration
from waitingroom.states import PersonState

State = Literal["lived", "first", "second", "empty"]


class Drill(NamedTuple):
    """Which copy each store comes back from; `lived` is none, `empty` is no copy at all."""

    sql: State
    redis: State


DRILLS = [
    Drill("first", "lived"),
    Drill("lived", "first"),
    Drill("lived", "empty"),
    Drill("first", "first"),
    Drill("first", "second"),
    Drill("second", "first"),
    Drill("first", "empty"),
]

MANY = 120
"""So many join after a copy that its mark does not cover them: numbers would come twice."""


@asynccontextmanager
async def process(url: str, server: Valkey, hold_ms: int = 0) -> AsyncIterator[Hall]:
    """A process that has just started: it remembers nothing."""
    database = Database(url)
    try:
        async with hall(database, server.url, hold_ms) as h:
            yield h
    finally:
        await database.close()


async def join_many(h: Hall, names: range) -> dict[int, Joined]:
    joined = await asyncio.gather(*(h.join(f"v{name}") for name in names))
    return {one.ticket.number: one for one in joined}


async def call(h: Hall, more: int) -> list[int]:
    """Turns until so many more are called."""
    called: list[int] = []
    async with asyncio.timeout(30):
        while len(called) < more:
            await h.advance(350)
            called += (await h.turn()).called
    return called


async def submit(h: Hall, number: int) -> None:
    """The place of a called number is taken, as a submission does it."""
    uid = (await h.period()).uid

    async def take(conn: AsyncConnection) -> None:
        unit = await open_unit(conn, uid, [number], [number])
        unit.bind(number, number)
        unit.take(number, number, unit.period.clock, f"receipt-{number}")
        await unit.write(conn)

    await h.db.write(take)


class Played(NamedTuple):
    """What people hold after a drill: tickets by number, and what was called in all."""

    people: dict[int, Joined]
    called: list[int]
    newcomers: dict[int, Joined]


async def play(drill: Drill, url: str, server: Valkey, folder: Path) -> Played:
    """Everything up to the moment in which the service stands on what was put back, and newcomers have asked."""
    sql, redis = dict[str, str](), dict[str, Path | None]({"empty": None})
    people: dict[int, Joined] = {}
    called: list[int] = []
    for moment in ("first", "second", "end"):
        async with process(url, server) as h:
            if moment == "first":
                await make_period(h.db, calls_per_minute=180, cap=400, most_live_tokens=400)
            people |= await join_many(
                h, range(len(people), len(people) + (10 if moment == "first" else MANY))
            )
            called += await call(h, 3)
            if moment != "first":
                await submit(h, called[-1])
            called += (await h.turn()).called
        sql[moment] = await copy_sql(url, folder)
        redis[moment] = copy_redis(server, folder / moment)
    if drill.sql != "lived":
        await restore_sql(url, sql[drill.sql])
    if drill.redis != "lived":
        restore_redis(server, redis[drill.redis])
    async with process(url, server) as h:
        return Played(people, called, await join_many(h, range(1000, 1003)))


async def states(h: Hall, people: dict[int, Joined]) -> dict[int, PersonState]:
    """What each is told who shows their ticket; each is told their own number."""
    period = await h.period()
    mes = {number: await h.room.positions.me(period, one.ticket) for number, one in people.items()}
    assert {me.number for me in mes.values()} == set(people)
    return {number: me.state for number, me in mes.items()}


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: f"sql-{drill.sql}-redis-{drill.redis}")
async def test_a_drill(drill: Drill, sqlite_url: str, valkey: Valkey, tmp_path: Path) -> None:
    """No number twice; who has a row keeps it; everybody else is in the line, in order, and is called in it."""
    await drilled(drill, sqlite_url, valkey, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "drill", [DRILLS[0], DRILLS[3]], ids=lambda drill: f"sql-{drill.sql}-redis-{drill.redis}"
)
async def test_a_drill_on_postgresql(
    drill: Drill, postgresql_url: str, valkey: Valkey, tmp_path: Path
) -> None:
    """What is compared is the same; only the copies are made otherwise."""
    await drilled(drill, postgresql_url, valkey, tmp_path)


async def drilled(drill: Drill, database_url: str, valkey: Valkey, tmp_path: Path) -> None:
    """Play it, then hold what people were told against the books."""
    played = await play(drill, database_url, valkey, tmp_path)
    assert set(played.people).isdisjoint(played.newcomers), "a number was given twice"
    async with process(database_url, valkey) as h:
        with ticker_of(h, valkey.url) as ticker:
            await ticker.tick()  # compares the stores, as its first tick does
        period = await h.period()
        told = await states(h, played.people | played.newcomers)
        rows = await rows_of(h.db, period)
        waiting = sorted(number for number, state in told.items() if state == PersonState.WAITING)
        assert waiting == sorted(set(told) - set(rows)), "somebody is neither called nor waiting"
        assert (await h.look()).next(1000) == waiting
        assert (await call(h, 5))[:5] == waiting[:5], "somebody was passed over"
        lost = await h.db.read(lambda conn: restorations.of_period(conn, period.uid))
        books = StringIO()
        status = await verify(database_url, "essai", line=h.room.line, out=books)
    knows_better = drill.redis != "empty" and ("first", "second", "lived").index(drill.redis) > (
        ("first", "second", "lived").index(drill.sql) if drill.sql in ("first", "second") else 2
    )
    assert bool(lost) == knows_better, books.getvalue()
    if knows_better:
        assert_told(lost[0], set(played.called), set(rows), period.notice, books.getvalue())
        assert status == 1


def assert_told(lost: Restoration, called: set[int], rows: set[int], notice: str | None, books: str) -> None:
    """What is lost is on the record, on every screen, and in `verify`."""
    assert lost.calls > 0
    assert set(lost.numbers) <= called - rows
    assert lost.submissions > 0
    assert "copie du" in (notice or "")
    assert "SQL came back from a copy" in books


async def test_without_looking_at_the_line_people_would_be_passed_over(
    sqlite_url: str, valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: SQL is believed as it is. Whoever was called after the copy waits for ever, in no line."""
    for module in ("waitingroom.line.setbacks", "waitingroom.calls"):
        monkeypatch.setattr(f"{module}.is_behind", lambda _period, _known: False)
    monkeypatch.setattr("waitingroom.line.epochs.count_with_row", _more_than_enough)
    played = await play(Drill("first", "lived"), sqlite_url, valkey, tmp_path)
    async with process(sqlite_url, valkey) as h:
        told = await states(h, played.people)
        rows = await rows_of(h.db, await h.period())
        forgotten = set(played.called) - set(rows)
        assert forgotten
        assert {told[number] for number in forgotten} == {PersonState.WAITING}
        assert forgotten.isdisjoint((await h.look()).next(1000))


async def _more_than_enough(_conn: object, _uid: str) -> int:
    return 10**9


async def test_without_skipping_two_copies_would_give_numbers_twice(
    sqlite_url: str, valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: both stores are of the same moment, and what was given after it is known to nobody."""
    monkeypatch.setattr(setbacks, "unknown_numbers", lambda *_: 0)
    played = await play(Drill("first", "first"), sqlite_url, valkey, tmp_path)
    assert set(played.people) & set(played.newcomers)


async def test_sql_is_put_back_under_processes_that_live(
    postgresql_url: str, valkey: Valkey, tmp_path: Path
) -> None:
    """A standby that was behind takes over: the next tick finds it, before anybody is called by it."""
    async with process(postgresql_url, valkey) as h:
        await make_period(h.db, calls_per_minute=180, cap=400, most_live_tokens=400)
        people = await join_many(h, range(10))
        called = await call(h, 2)
        known = len(called)
    copy = await copy_sql(postgresql_url, tmp_path)
    async with process(postgresql_url, valkey, hold_ms=35_000) as h:
        called += await call(h, 3)
        people |= await join_many(h, range(10, 10 + MANY))
        epoch = (await h.period()).epoch
        await restore_sql(postgresql_url, copy)
        turned = await patient_turn(h)
        assert (turned.called, turned.period.epoch) == ([], epoch + 1)
        told = await states(h, people)
        assert sorted(number for number, state in told.items() if state == "called") == called[:known]
        await h.redis.hincrby(f"wr1:{{{turned.period.uid}}}:state", "beat", 40_000)
        forgotten = called[known:]
        assert (await call(h, len(forgotten)))[: len(forgotten)] == forgotten


async def patient_turn(h: Hall) -> TickOutcome:
    """A turn, once the connections that were thrown out are made again."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await h.turn()
            except Unavailable:
                await asyncio.sleep(0.05)


async def test_what_was_stopped_after_the_copy_stays_stopped(
    sqlite_url: str, valkey: Valkey, tmp_path: Path
) -> None:
    """An operator suspended; the copy does not know it. Nobody is called by it, and nothing opens again (P10)."""
    async with process(sqlite_url, valkey) as h:
        await make_period(h.db, calls_per_minute=180)
        await join_many(h, range(5))
        await call(h, 1)
    copy = await copy_sql(sqlite_url, tmp_path)
    async with process(sqlite_url, valkey) as h:
        period = await h.period()
        now = now_ms()
        await h.db.write(
            lambda conn: ledger.update(conn, period.uid, paused=True, suspended=True, paused_at=now)
        )
        await h.turn()
    await restore_sql(sqlite_url, copy)
    async with process(sqlite_url, valkey) as h:
        for _ in range(3):
            await h.advance(1000)
            assert (await h.turn()).called == []
        after = await read_period(h.db, period)
        assert (after.paused, after.suspended) == (True, True)


async def test_stores_that_agree_are_left_alone(sqlite_url: str, valkey: Valkey) -> None:
    """Twin of all that finds something: processes come and go, and no epoch begins."""
    async with process(sqlite_url, valkey) as h:
        await make_period(h.db, calls_per_minute=180)
        await join_many(h, range(5))
        await call(h, 2)
        epoch = (await h.period()).epoch
    for _ in range(2):
        async with process(sqlite_url, valkey) as h:
            period = await h.period()
            await h.room.epochs.compare(period.uid)
            await call(h, 1)
            assert (await h.period()).epoch == epoch
            assert await h.db.read(lambda conn: restorations.of_period(conn, period.uid)) == []  # noqa: B023
