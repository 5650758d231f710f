"""Which deadlines move when a day is proclaimed, and never to the person's harm (P13)."""

from collections.abc import Iterable
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from casework.deadlines.open_deadlines import (
    DatedFile,
    DeadlineSource,
    OpenDeadline,
    last_told,
    moves_by,
    open_deadlines,
)
from casework.deadlines.payment import PAYMENT
from casework.deadlines.states import DeadlineKind
from casework.files.events import FileEvent
from casework.files.states import FileEventKind
from foundation.calendar.closures import PUBLIC_SERVICE, Closures, ProclaimedDay
from foundation.calendar.spans import business_days
from tests.support.casework.dated import LAST_DAY, MONDAY, dated

MOURNING = ProclaimedDay(LAST_DAY, "un deuil national")

days = st.dates(date(2016, 6, 1), date(2016, 8, 31))


def in_business_days(of: DatedFile, closures: Closures) -> Iterable[OpenDeadline]:
    """A deadline of another feature, counted in business days: any closed day within it moves it."""
    found = business_days(MONDAY, 15, closures)
    first = business_days(MONDAY, 15).last_day
    told = last_told(of.history, "documents:a", first)
    yield OpenDeadline(kind=DeadlineKind.DOCUMENTS, key="a", found=found, told=told)


SOURCES = (PAYMENT, DeadlineSource(find=in_business_days))


def test_a_deadline_that_ends_on_the_day_moves() -> None:
    """To the next business day; with it one that has the day within its business days."""
    moves = moves_by(SOURCES, dated(), PUBLIC_SERVICE.having(MOURNING), LAST_DAY)
    assert [(one.name, one.last_day) for _, one in moves] == [("payment", date(2016, 7, 14))]
    earlier = ProclaimedDay(date(2016, 7, 4), "un deuil national")
    moves = moves_by(SOURCES, dated(), PUBLIC_SERVICE.having(earlier), earlier.day)
    assert [(one.name, one.last_day) for _, one in moves] == [("documents:a", date(2016, 7, 7))]


def test_what_was_told_already_does_not_move_again() -> None:
    """The event that says so, or the row, is what was told."""
    closures = PUBLIC_SERVICE.having(MOURNING)
    assert moves_by((PAYMENT,), dated(told=date(2016, 7, 14)), closures, LAST_DAY) == []


def test_two_days_in_a_row_move_a_deadline_once_whichever_is_looked_at_first() -> None:
    """The day behind it was proclaimed too: it moves over both, by the first look that comes."""
    next_day = ProclaimedDay(LAST_DAY + timedelta(days=1), "un deuil national")
    closures = PUBLIC_SERVICE.having(MOURNING).having(next_day)
    moves = moves_by((PAYMENT,), dated(), closures, MOURNING.day)
    assert [one.last_day for _, one in moves] == [date(2016, 7, 15)]


def test_what_changes_for_another_cause_is_not_said_of_the_day() -> None:
    """A rule that gives more days than were told, and a day far away: nothing moves by that day."""
    far = ProclaimedDay(date(2016, 9, 14), "un deuil national")
    assert moves_by((PAYMENT,), dated(pay_days=40), PUBLIC_SERVICE.having(far), far.day) == []


@given(days, st.lists(days, max_size=4), days)
def test_no_deadline_moves_to_the_persons_harm(told: date, proclaimed: list[date], day: date) -> None:
    """Whatever was told, and whatever is proclaimed: the last day is never before the one that was told, and what moves
    moves to a later one."""
    closures = Closures(proclaimed=tuple(ProclaimedDay(one, "un deuil") for one in {*proclaimed, day}))
    of = dated(told=told)
    for _, one in open_deadlines(SOURCES, of, closures):
        assert one.last_day >= one.told
    for _, one in moves_by(SOURCES, of, closures, day):
        assert one.last_day > one.told
        assert closures.is_open(one.last_day)


def test_the_last_day_that_was_told_of_a_deadline() -> None:
    """Of its own moves the latest; those of other deadlines do not count."""

    def move(deadline: str, day: date) -> FileEvent:
        kind = FileEventKind.DEADLINE_MOVED
        return FileEvent(kind=kind, at=1, actor="service", on_day=day, detail={"deadline": deadline})

    events = [move("documents:a", date(2016, 8, 3)), move("documents:b", date(2016, 8, 9))]
    history = dated(events=events).history
    assert last_told(history, "documents:a", date(2016, 8, 2)) == date(2016, 8, 3)
    assert last_told(history, "documents:c", date(2016, 8, 2)) == date(2016, 8, 2)
