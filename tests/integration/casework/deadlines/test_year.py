"""A year of days in seconds: what is told and done of each file falls on its day, in order, once.

The clock goes from task to task (`tests/support/casework/passing_days.py`); the days are recounted here by hand, from
lists and a loop, without the calendar's code.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.services import representative_services
from casework.deadlines import proclaiming
from casework.deadlines.states import DeadlineTask
from casework.files import events
from casework.files.states import FileEventKind
from casework.files.store import file_event
from casework.files.tasks import FileTask
from casework.mailbox.store import message
from casework.payments.services import payment_services
from casework.payments.unpaid import ending
from foundation import outbox
from foundation.audit import SERVICE, Actor
from foundation.calendar.proclaimed import proclaimed_day
from foundation.clock import montreal
from foundation.outbox import OutsideEffects
from foundation.sql.database import LONG_SECONDS, Database
from foundation.subjects import Subject
from submission.follow_up import FollowUp
from submission.store import submission
from tests.support.casework.many_files import many_files
from tests.support.casework.passing_days import PassingDays
from tests.support.rooms import KEYS
from tests.support.tasks import EFFECTS, KNOWN, about, rows

ZONE = ZoneInfo("America/Toronto")

FIRST = date(2027, 1, 1)

PROCLAIMED = {
    date(2027, 7, 16): datetime(2027, 7, 1, 12, tzinfo=ZONE),  # a Friday: the next business day is the 19th
    date(2027, 9, 30): datetime(2027, 9, 29, 12, tzinfo=ZONE),  # the day before, after the last reminder
    date(2027, 11, 11): datetime(2027, 11, 3, 12, tzinfo=ZONE),  # between two reminders
}
"""Days that are proclaimed holidays -> when."""

CLOSED = {
    *PROCLAIMED,
    *(date(2027, *day) for day in (
        (1, 1), (1, 4), (3, 26), (3, 29), (5, 24), (6, 24), (7, 1), (9, 6), (10, 11), (12, 24), (12, 27), (12, 28),
        (12, 31),
    )),
    *(date(2028, *day) for day in ((1, 3), (1, 4), (4, 14), (4, 17))),
}  # fmt: skip

REMINDED = (14, 3, 1)
"""Days before the last one, in the programme of the tests."""

PAYS = "test_pays"
"""The task by which every third file is paid, five days before its last one."""


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in CLOSED


def last_day_of(submitted_on: date) -> date:
    """Thirty days on, then day by day until offices are open."""
    day = submitted_on + timedelta(days=30)
    while not is_open(day):
        day += timedelta(days=1)
    return day


def purged_after(day: date) -> date:
    """Five business days more, for which the office waits."""
    left = 5
    while left:
        day += timedelta(days=1)
        left -= is_open(day)
    return day


def at(day: date, clock: time) -> int:
    return round(datetime.combine(day, clock, ZONE).timestamp() * 1000)


class Year:
    """So many files over these days, and all that happens to them."""

    def __init__(self, db: Database, count: int, days: Sequence[date]) -> None:
        self.db = db
        self.submitted_on = {n: days[(n - 1) % len(days)] for n in range(1, count + 1)}
        self.paid = {n for n in self.submitted_on if n % 3 == 0}

    async def play(self) -> None:
        """From the first submission until nothing is awaited any more."""
        await many_files(self.db, len(self.submitted_on), list(dict.fromkeys(self.submitted_on.values())))
        await self.db.write(self._stage, LONG_SECONDS)
        days = PassingDays(self.db, self._effects(), self._outside(), at(FIRST, time()))
        for day in PROCLAIMED:
            await days.until(proclaimed_at(day))
            await self.db.write(lambda conn, day=day: proclaim(conn, day, days.now))  # type: ignore[misc]
        await days.until(at(FIRST + timedelta(days=365 + 60), time()))

    async def _stage(self, conn: AsyncConnection) -> None:
        """What each submission stages, and the payments."""
        for n, day in self.submitted_on.items():
            noon = at(day, time(12))
            kind = FollowUp.PAYMENT_WATCH
            await outbox.stage(conn, kind, about(n), noon, due_at=noon, key=f"year:{kind}:{n}")
            if n in self.paid:
                pays = paid_at(day)
                await outbox.stage(conn, PAYS, about(n), noon, due_at=pays)

    def _effects(self) -> outbox.Effects:
        kinds = (FollowUp.PAYMENT_WATCH, FileTask.PAYMENT_REMINDER, DeadlineTask.MOVE)
        return {kind: EFFECTS[kind] for kind in kinds} | {PAYS: pay}

    def _outside(self) -> OutsideEffects:
        services = payment_services(KNOWN, KEYS, representative_services(KEYS, "http://guichet.test"))
        return {FileTask.UNPAID_END: ending.ending(services, nothing_under_way, 1_000)}


async def proclaim(conn: AsyncConnection, day: date, now: int) -> None:
    """By two people."""
    await proclaiming.enter(conn, day, "un jour de deuil national", Actor("anne", "operator"), now)
    await proclaiming.confirm(conn, day, now, Actor("benoit", "approver"), now)


async def pay(conn: AsyncConnection, subject: Subject, now: int) -> None:
    """The fee is here."""
    of = await events.history(conn, subject.number, lock=True)
    await events.record(conn, of, FileEventKind.PAID, SERVICE, now)


async def nothing_under_way(_db: Database, _number: int) -> bool:
    """What the provider of cards answers."""
    return False


async def check(year: Year) -> None:
    """Everything that was told and recorded, against the days as they are recounted here."""
    db = year.db
    first = {n: told_first(day) for n, day in year.submitted_on.items()}
    moved = {
        n
        for n, day in first.items()
        if day in PROCLAIMED and not (n in year.paid and paid_at(year.submitted_on[n]) < proclaimed_at(day))
    }
    last = {n: last_day_of(day) if n in moved else first[n] for n, day in year.submitted_on.items()}
    stored = dict(await rows(db, submission.c.id, submission.c.pay_by))
    assert {n: montreal(instant).date() for n, instant in stored.items()} == last
    reminders: dict[int, list[int]] = defaultdict(list)
    for key, instant in sorted(await rows(db, message.c.key, message.c.at), key=lambda row: row[1]):
        kind, number, *rest = key.split(":")
        if kind == "payment" and rest != ["asked"]:
            reminders[int(number)].append(instant)
    for n, day in year.submitted_on.items():
        until = paid_at(day) if n in year.paid else at(last[n], time(23))
        assert reminders[n] == [one for one in reminders_of(day) if one < until], n
    e = file_event.c
    happened = await rows(db, e.id, e.submission, e.kind, e.at)
    assert [row[3] for row in happened] == sorted(row[3] for row in happened)
    deleted = {row[1]: row[3] for row in happened if row[2] == FileEventKind.UNPAID_DELETED}
    assert deleted == {
        n: at(purged_after(last[n]) + timedelta(days=1), time())
        for n in year.submitted_on
        if n not in year.paid
    }
    assert {row[1] for row in happened if row[2] == FileEventKind.DEADLINE_MOVED} == moved
    assert set(Counter((row[1], row[2]) for row in happened).values()) == {1}
    assert all(looked is not None for (looked,) in await rows(db, proclaimed_day.c.moved_at))


def told_first(submitted_on: date) -> date:
    """The last day before anything was proclaimed."""
    day = submitted_on + timedelta(days=30)
    while not (is_open(day) or day in PROCLAIMED):
        day += timedelta(days=1)
    return day


def proclaimed_at(day: date) -> int:
    return round(PROCLAIMED[day].timestamp() * 1000)


def paid_at(submitted_on: date) -> int:
    """Five days before the last day, at ten; before it is proclaimed, or after."""
    return at(told_first(submitted_on) - timedelta(days=5), time(10))


def reminders_of(submitted_on: date) -> list[int]:
    """The instants at which it is to be reminded: at nine, so many days before the last day as it is told then."""
    first, final = told_first(submitted_on), last_day_of(submitted_on)
    moved_at = proclaimed_at(first) if first != final else 0
    nine = {last: [at(last - timedelta(days=mark), time(9)) for mark in REMINDED] for last in (first, final)}
    return sorted(
        {one for one in nine[first] if one < moved_at} | {one for one in nine[final] if one > moved_at}
    )


AROUND = tuple(date(2027, *day) for day in (
    (1, 1), (2, 12), (2, 24), (5, 24), (6, 9), (6, 11), (6, 16), (6, 17), (8, 31), (9, 1), (10, 8), (10, 12),
    (11, 24), (12, 31),
))  # fmt: skip
"""Their last days are on holidays and weekends, at the changes of the clock (14 March, 7 November), and on days that
are proclaimed or just before one."""


async def test_what_is_told_and_done_of_a_file_falls_on_its_day(database: Database) -> None:
    """Reminders, the end of the wait, a day that is proclaimed meanwhile: for days around what is easily counted
    wrong."""
    year = Year(database, 2 * len(AROUND), AROUND)
    await year.play()
    await check(year)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
async def test_a_year_of_days_of_5073_files(sqlite_url: str, part: int) -> None:
    """On each day of the year some are submitted, and a year of days passes for each; each thing happens on its day, in
    order, once. A part of the year at a time, as a test has three minutes."""
    days = [FIRST + timedelta(days=n) for n in range(46 * part, min(46 * (part + 1), 365))]
    database = Database(sqlite_url)
    year = Year(database, 634 + (part == 0), days)
    await year.play()
    await check(year)
    await database.close()
