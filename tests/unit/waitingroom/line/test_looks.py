"""The last look at a line: how fast it moved, and that one is taken at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from foundation.errors import Unavailable
from quota.store import Period
from tests.unit.waitingroom.feed.test_position_frames import period
from waitingroom.line.epochs import Epochs
from waitingroom.line.looks import RATE_SECONDS, Look, Looks
from waitingroom.line.shared_look import SHORT_LINE, SharedLook
from waitingroom.line.snapshot import Snapshot, bitmap
from waitingroom.line.store import Line


def snapshot(gone: int = 0) -> Snapshot:
    """A look at a line that so many have left."""
    return Snapshot.of(0, gone, {}, b"", bitmap(range(1, gone + 1)), [])


class SlowLine:
    """A line that is looked at when the test says so; and the epochs around it, of which there is one."""

    def __init__(self) -> None:
        self.asked = 0
        self.may = asyncio.Event()
        self.away = False
        self.shared: SharedLook | None = None
        self.held: list[SharedLook | None] = []

    async def look(self, _uid: str, _epoch: int, held: SharedLook | None) -> SharedLook | None:
        self.held.append(held)
        return self.shared

    async def snapshot(self, _uid: str, _epoch: int) -> Snapshot:
        self.asked += 1
        await self.may.wait()
        if self.away:
            raise Unavailable("redis")
        return snapshot()

    async def fenced(self, _uid: str, attempt: Callable[[int], Awaitable[Any]]) -> Any:
        return await attempt(1)


def looks_at(line: SlowLine) -> Looks:
    return Looks(cast(Line, line), cast(Epochs, line))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, as its only item."""
    now = [1000.0]
    monkeypatch.setattr("waitingroom.line.looks.time.monotonic", lambda: now[0])
    return now


def test_the_pace_is_that_of_the_last_two_minutes(clock: list[float]) -> None:
    """Sixty a minute, then standing still: what is older than two minutes no longer counts."""
    look: Look | None = None
    for second in range(0, 121, 5):
        clock[0] = 1000.0 + second
        look = Look.after(look, snapshot(second))
    assert look is not None and look.per_minute == pytest.approx(60)
    for second in range(125, 125 + int(RATE_SECONDS) + 5, 5):
        clock[0] = 1000.0 + second
        look = Look.after(look, snapshot(120))
    assert look.per_minute == 0


def test_of_one_look_no_pace_is_known(clock: list[float]) -> None:
    """Nor of two within five seconds."""
    first = Look.after(None, snapshot(3))
    clock[0] += 1
    assert (first.per_minute, Look.after(first, snapshot(9)).per_minute) == (None, None)


async def test_a_thousand_who_ask_meanwhile_do_not_look_a_thousand_times(clock: list[float]) -> None:
    """While a look is under way the last one does for those who are content with a second."""
    line = SlowLine()
    line.may.set()
    known = looks_at(line)
    first = await known.look(period())
    line.may.clear()
    clock[0] += 1.5
    under_way = asyncio.ensure_future(known.look(period()))
    await asyncio.sleep(0)
    assert [await known.look(period()) for _ in range(1000)] == [first] * 1000
    line.may.set()
    assert await under_way is not first
    assert line.asked == 2


async def test_a_crowd_at_a_process_that_has_just_begun_waits_for_one_look(clock: list[float]) -> None:
    """Before the first look there is nothing to show: all of them get the same one."""
    line = SlowLine()
    known = looks_at(line)
    crowd = [asyncio.ensure_future(known.look(period())) for _ in range(100)]
    await asyncio.sleep(0)
    line.may.set()
    looks = await asyncio.gather(*crowd)
    assert looks[0] is not None and all(look is looks[0] for look in looks)
    assert line.asked == 1


async def test_one_who_wants_it_fresher_looks(clock: list[float]) -> None:
    """The feed shows a look of its own turn, not one that a poll brought half a second ago."""
    line = SlowLine()
    line.may.set()
    known = looks_at(line)
    await known.look(period())
    clock[0] += 0.5
    await known.look(period())
    assert line.asked == 1
    await known.look(period(), 0.1)
    assert line.asked == 2


async def test_recent_is_answered_at_once_and_renewed_in_the_background(clock: list[float]) -> None:
    """Fresh: as it is. A second old: as it is, and one look for those who follow. Older: not at all."""
    line, row = SlowLine(), period()
    line.may.set()
    known = looks_at(line)
    assert known.recent(row) is None
    await known.look(row)
    assert known.recent(row) is known.last(row.uid)
    clock[0] += 2
    old = known.last(row.uid)
    assert [known.recent(row) for _ in range(10)] == [old] * 10
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert line.asked == 2
    clock[0] += 6
    assert known.recent(row) is None


async def test_without_redis_the_last_look_stays(clock: list[float]) -> None:
    """The display fails soft: the last known position, with its age."""
    line, row = SlowLine(), period()
    line.may.set()
    known = looks_at(line)
    first = await known.look(row)
    line.away = True
    clock[0] += 60
    assert await known.look(row) is first
    assert first is not None and first.age_seconds() == 60


async def test_an_announced_period_has_no_line_to_look_at() -> None:
    """No epoch is begun for it by somebody who reads its page."""
    line = SlowLine()
    row: Period = period(state="announced")
    assert await looks_at(line).look(row) is None
    assert line.asked == 0


def shared(id: str, seq: int) -> SharedLook:
    """A look that came 200 ms after it was made."""
    found = Snapshot.of(0, seq, {}, bitmap([seq]), b"", [bitmap([seq])])
    return SharedLook(id=id, age_ms=200, waiting=bitmap([seq]), snapshot=found)


async def test_of_a_long_line_the_look_is_shared_and_says_its_age(clock: list[float]) -> None:
    """Each starts from the one that this process holds, and its age counts from when it was made."""
    line, row = SlowLine(), period()
    known = looks_at(line)
    line.shared = first = shared("1-1", SHORT_LINE)
    look = await known.look(row)
    assert look is not None and look.snapshot is first.snapshot
    assert look.age_seconds() == pytest.approx(0.2)
    clock[0] += 0.7
    await known.look(row)
    clock[0] += 0.2
    line.shared = second = shared("1-2", SHORT_LINE + 1)
    assert (await known.look(row) or look).snapshot is second.snapshot
    assert (line.held, line.asked) == ([None, first], 0)


async def test_a_short_line_is_read_whole_and_nothing_else_is_asked() -> None:
    """Once it is known to be short, one question a look, as many as before looks were shared."""
    line, row = SlowLine(), period()
    line.may.set()
    known = looks_at(line)
    await known.look(row)
    await known.look(row, 0.0)
    assert (line.asked, line.held) == (2, [None])


async def test_a_line_that_takes_no_writes_is_read_whole_and_shared_again_later() -> None:
    """And then from nothing: what was held meanwhile is not begun from."""
    line, row = SlowLine(), period()
    line.may.set()
    known = looks_at(line)
    line.shared = first = shared("1-1", SHORT_LINE)
    await known.look(row, 0.0)
    line.shared = None
    assert (await known.look(row, 0.0)) is not None
    assert (line.asked, line.held) == (1, [None, first])
    assert known.last(row.uid) is not None and time.monotonic() - known._last[row.uid].looked < 60
