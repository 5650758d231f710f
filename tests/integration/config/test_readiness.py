"""What is found out about an installation: from stores that answer, from one that does not, and from processes."""

import asyncio
import time
from datetime import date

from config.processes.embedded import Valkey
from config.readiness import KINDS, ReadinessProbe, Surroundings, fees_due, free_bytes, heard_by, in_time
from console.readiness import MOST_CLOCK_MS, Check, CheckState, findings
from foundation.calendar.days import end_of_day
from foundation.errors import Unavailable
from foundation.heartbeat import Heartbeat
from foundation.loops.ending import end
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk
from tests.support.outages import NOWHERE, frozen
from tests.support.rooms import hall, make_period
from tests.support.tasks import KNOWN
from waitingroom.line.durability import Durability


async def nobody() -> dict[str, bool]:
    return {}


async def test_a_whole_installation(database: Database, valkey: Valkey) -> None:
    """Both stores answer, tables are at the newest step, clocks agree, Redis keeps what it has, a draft is ready."""
    period = await make_period(database)
    desk = make_desk(database)
    await make_account(desk)
    async with hall(database, valkey.url) as h:
        serving = Surroundings(public_url="https://guichet.test", is_demo=False)
        probe = ReadinessProbe(
            database, h.room.line, desk.programmes, nobody, serving, desk.drafts, desk.forms
        )
        facts = await probe.facts(period)
    assert (facts.sql, facts.is_migrated, facts.redis, facts.programme) == (True, True, True, True)
    assert facts.durability is Durability.ALL
    assert facts.sql_offset_ms is not None
    assert facts.redis_offset_ms is not None
    assert max(abs(facts.sql_offset_ms), abs(facts.redis_offset_ms)) < MOST_CLOCK_MS
    assert facts.candidates is not None
    assert (facts.candidates.accounts, facts.candidates.ready) == (1, 1)
    assert facts.missing_files == ()
    assert facts.free_bytes
    wrong = {one.check for one in findings(facts) if one.state in (CheckState.BLOCKS, CheckState.WARNS)}
    assert wrong <= {Check.DISK}
    desk.accounts.hasher.close()


async def test_a_store_that_does_not_answer(on_sqlite: Database, valkey: Valkey) -> None:
    """A frozen Redis is said to be silent within seconds, and SQL that is away too; neither holds up the rest."""
    period = await make_period(on_sqlite)
    programmes = make_desk(on_sqlite).programmes
    async with hall(on_sqlite, valkey.url) as h:
        with frozen(valkey):
            began = time.monotonic()
            facts = await ReadinessProbe(on_sqlite, h.room.line, programmes, nobody).facts(period)
            assert time.monotonic() - began < 10
        assert (facts.sql, facts.redis, facts.durability) == (True, False, None)
        away = Database(NOWHERE)
        facts = await ReadinessProbe(away, h.room.line, programmes, nobody).facts(period)
        assert (facts.sql, facts.is_migrated, facts.candidates, facts.redis) == (False, None, None, True)
        await away.close()


async def test_an_unknown_programme_and_no_line(on_sqlite: Database) -> None:
    """A shell with the address of SQL alone, and another folder of programmes."""
    period = await make_period(on_sqlite)
    facts = await ReadinessProbe(on_sqlite, None, {}, nobody).facts(period)
    assert (facts.redis, facts.redis_offset_ms, facts.programme, facts.public_url) == (
        None,
        None,
        False,
        None,
    )


async def test_processes_are_heard(database: Database) -> None:
    """A process that beats is alive, a kind of which none beats is not; a young process asks SQL rather than guess."""
    ticker, web = Heartbeat(database, "ticker"), Heartbeat(database, "web")
    await web.beat()

    async def beating() -> None:
        while True:
            await ticker.beat()
            await asyncio.sleep(0.3)

    task = asyncio.create_task(beating())
    alive = await heard_by(web, database)()
    await end(task)
    assert alive["ticker"]
    assert not alive["worker"]
    assert set(alive) == set(KINDS)


async def test_a_question_has_its_time() -> None:
    """Late, away, or answered."""
    assert await in_time(asyncio.sleep(5, 1), 0.05) is None

    async def away() -> int:
        raise Unavailable("sql")

    assert await in_time(away()) is None
    assert await in_time(asyncio.sleep(0, 1)) == 1


def test_the_room_on_the_disk(sqlite_url: str) -> None:
    """Where SQLite's file is, or where the process runs."""
    for url in (sqlite_url, NOWHERE):
        assert (free_bytes(Database(url)) or 0) > 0


def test_from_october_on_a_year_without_fees_is_said() -> None:
    """PY-09: the fees change on 1 January, and operators have three months to know."""
    programme = KNOWN["prtq-2016"]
    days = {date(2026, 9, 30): None, date(2026, 10, 1): date(2027, 1, 1), date(2020, 11, 1): None}
    for day, missing in days.items():
        assert fees_due(programme, end_of_day(day)) == missing
    assert fees_due(None, end_of_day(date(2026, 11, 1))) is None
