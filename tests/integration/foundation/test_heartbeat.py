"""Heartbeats on both stores: alive is who was seen to count on, by this process's own clock."""

import pytest

from foundation.heartbeat import Heartbeat
from foundation.sql.database import Database


async def test_a_process_that_beats_is_alive_to_others(database: Database) -> None:
    """From the second beat that was seen on; the first may be an old row."""
    web, ticker = Heartbeat(database, "web"), Heartbeat(database, "ticker")
    await web.beat()
    await ticker.beat()
    assert not ticker.alive("web")
    await web.beat()
    await ticker.beat()
    assert ticker.alive("web")
    assert not ticker.alive("worker")


async def test_one_that_does_not_count_on_is_not(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that stands still is a dead process, however young its instant says it is."""
    web, ticker = Heartbeat(database, "web"), Heartbeat(database, "ticker")
    for beat in (web.beat, ticker.beat, web.beat, ticker.beat):
        await beat()
    monkeypatch.setattr("foundation.heartbeat.ALIVE_SECONDS", -1.0)
    await ticker.beat()
    assert not ticker.alive("web")


async def test_one_that_marks_is_told_from_one_that_only_beats(database: Database) -> None:
    """People are sent to a process only if its presence marks are taken."""
    one, other = Heartbeat(database, "web"), Heartbeat(database, "web")
    for _ in range(2):
        await other.beat()
        await one.beat()
    assert not one.others_mark()
    other.marks += 1
    await other.beat()
    await one.beat()
    assert one.others_mark()
    assert not other.others_mark()


async def test_a_process_that_is_done_takes_its_row_away(database: Database) -> None:
    """It is not dead, it is done."""
    web, ticker = Heartbeat(database, "web"), Heartbeat(database, "ticker")
    for beat in (web.beat, ticker.beat, web.beat, ticker.beat):
        await beat()
    await web.stop()
    await ticker.beat()
    assert not ticker.alive("web")


async def test_an_age_is_since_it_was_last_seen_to_beat(database: Database) -> None:
    """Of a kind that never was it has no end."""
    here, ticker = Heartbeat(database, "web"), Heartbeat(database, "ticker")
    await here.beat()
    assert here.age("ticker") == float("inf")
    await ticker.beat()
    await here.beat()
    await ticker.beat()
    await here.beat()
    assert 0 <= here.age("ticker") < 5
