"""On which days offices are closed, by three calendars and by proclamation."""

from datetime import date, timedelta

import pytest

from foundation.calendar.closures import (
    CALENDARS,
    PUBLIC_SERVICE,
    CalendarKind,
    Closures,
    ProclaimedDay,
    named_days,
)

K = CalendarKind

MOURNING = ProclaimedDay(date(2026, 9, 21), "un jour de deuil national")


def days(kind: CalendarKind, year: int) -> list[tuple[int, int]]:
    return [(day.month, day.day) for day in named_days(kind, year)]


def test_the_labour_standards_have_eight_days() -> None:
    """At the employer's choice with Good Friday or Easter Monday; 1 July gives way to the 2nd on a Sunday."""
    friday, monday = K.LABOUR_STANDARDS_GOOD_FRIDAY, K.LABOUR_STANDARDS_EASTER_MONDAY
    assert days(friday, 2026) == [(1, 1), (4, 3), (5, 18), (6, 24), (7, 1), (9, 7), (10, 12), (12, 25)]
    assert days(monday, 2026) == [(1, 1), (4, 6), (5, 18), (6, 24), (7, 1), (9, 7), (10, 12), (12, 25)]
    assert (7, 2) in days(monday, 2018)
    assert (7, 1) not in days(monday, 2018)


def test_the_interpretation_act_has_its_own_days() -> None:
    """Art. 61 (23): both days of Easter, the sovereign's birthday, neither 2 January nor 24, 26, 31 December."""
    expected = [(1, 1), (4, 3), (4, 6), (5, 18), (6, 24), (7, 1), (9, 7), (10, 12), (12, 25)]
    assert days(K.INTERPRETATION_ACT, 2026) == expected
    assert (7, 2) in days(K.INTERPRETATION_ACT, 2018)
    assert named_days(K.INTERPRETATION_ACT, 2026)[date(2026, 5, 18)] == "l’anniversaire du Souverain"


@pytest.mark.parametrize("kind", K)
def test_which_days_of_a_weekend_are_free(kind: CalendarKind) -> None:
    """Both, but for the Interpretation Act, which knows Sundays only."""
    saturday = Closures(kind=kind).is_open(date(2026, 11, 28))
    assert saturday is (kind is K.INTERPRETATION_ACT)
    assert Closures(kind=kind).why_closed(date(2026, 11, 29)) == "un dimanche"


@pytest.mark.parametrize("kind", K)
def test_11_november_and_30_september_are_days_as_any_other(kind: CalendarKind) -> None:
    """Holidays of the federal service are none of Québec."""
    closures = Closures(kind=kind)
    assert closures.is_open(date(2026, 11, 11))
    assert closures.is_open(date(2026, 9, 30))


@pytest.mark.parametrize("kind", K)
def test_a_proclaimed_day_closes_public_offices(kind: CalendarKind) -> None:
    """The public service and the Interpretation Act take it; the labour standards do not know it."""
    assert Closures(kind=kind).is_open(MOURNING.day)
    with_it = Closures(kind=kind).having(MOURNING)
    public = kind in (K.PUBLIC_SERVICE, K.INTERPRETATION_ACT)
    assert with_it.why_closed(MOURNING.day) == (MOURNING.name if public else None)
    assert with_it.is_open(MOURNING.day + timedelta(days=1))


def test_the_next_business_day() -> None:
    """The day itself if offices are open on it."""
    assert PUBLIC_SERVICE.next_open(date(2026, 11, 30)) == date(2026, 11, 30)
    assert PUBLIC_SERVICE.next_open(date(2026, 12, 24)) == date(2026, 12, 29)


def test_every_calendar_has_its_name() -> None:
    """A list from which people choose shows each."""
    assert set(CALENDARS) == set(K)
