"""Days in Montréal, where they end, and which are holidays. Plain dates for days, instants for moments; all pure.

Deadlines do not know public holidays yet: on one of them a last day stays as it is.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from foundation.clock import MONTREAL, montreal

DAY_MS = 86_400_000
"""A day of 24 hours: for spans, never to find another calendar day, which may have 23 or 25."""

SATURDAY, SUNDAY = 5, 6

TO_MONDAY = {SATURDAY: 2, SUNDAY: 1}
"""Days from a day of the weekend to the Monday after it."""


def day_of(instant_ms: int) -> date:
    """The day on which an instant falls in Montréal."""
    return montreal(instant_ms).date()


def after_weekend(day: date) -> date:
    """The day itself, or the Monday after it when it is on a weekend."""
    return day + timedelta(days=TO_MONDAY.get(day.weekday(), 0))


def end_of_day(day: date) -> int:
    """The instant of the last second of a day in Montréal."""
    return round(datetime.combine(day, time(23, 59, 59), MONTREAL).timestamp() * 1000)


class Holiday(StrEnum):
    """The thirteen days on which the public service of Québec is closed, by their French names."""

    NEW_YEAR = "le jour de l’An"
    """1 January."""
    AFTER_NEW_YEAR = "le lendemain du jour de l’An"
    """2 January."""
    GOOD_FRIDAY = "le Vendredi saint"
    """Two days before Easter."""
    EASTER_MONDAY = "le lundi de Pâques"
    """The day after Easter."""
    PATRIOTS = "la Journée nationale des patriotes"
    """The Monday before 25 May."""
    NATIONAL = "la fête nationale du Québec"
    """24 June."""
    CANADA = "la fête du Canada"
    """1 July."""
    LABOUR = "la fête du Travail"
    """The first Monday of September."""
    THANKSGIVING = "l’Action de grâces"
    """The second Monday of October."""
    CHRISTMAS_EVE = "la veille de Noël"
    """24 December."""
    CHRISTMAS = "Noël"
    """25 December."""
    AFTER_CHRISTMAS = "le lendemain de Noël"
    """26 December."""
    NEW_YEARS_EVE = "la veille du jour de l’An"
    """31 December."""


@lru_cache(64)
def holidays(year: int) -> dict[date, Holiday]:
    """The holidays of a year by their day. One that falls on a weekend stays there: the weekend is free anyway."""
    sunday = easter(year)
    return {
        date(year, 1, 1): Holiday.NEW_YEAR,
        date(year, 1, 2): Holiday.AFTER_NEW_YEAR,
        sunday - timedelta(days=2): Holiday.GOOD_FRIDAY,
        sunday + timedelta(days=1): Holiday.EASTER_MONDAY,
        _monday_from(date(year, 5, 18)): Holiday.PATRIOTS,
        date(year, 6, 24): Holiday.NATIONAL,
        date(year, 7, 1): Holiday.CANADA,
        _monday_from(date(year, 9, 1)): Holiday.LABOUR,
        _monday_from(date(year, 10, 8)): Holiday.THANKSGIVING,
        date(year, 12, 24): Holiday.CHRISTMAS_EVE,
        date(year, 12, 25): Holiday.CHRISTMAS,
        date(year, 12, 26): Holiday.AFTER_CHRISTMAS,
        date(year, 12, 31): Holiday.NEW_YEARS_EVE,
    }


def holiday_on(day: date) -> Holiday | None:
    """The holiday of a day, or None."""
    return holidays(day.year).get(day)


def easter(year: int) -> date:
    """Easter Sunday of a year in the Gregorian calendar (Meeus, Jones and Butcher's method)."""
    golden, century = year % 19, year // 100
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - epact - year % 100 % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def changes_clock(day: date) -> bool:
    """Whether the clocks in Montréal are put forward or back on this day, which then has 23 or 25 hours."""
    begins = datetime.combine(day, time(), MONTREAL)
    ends = datetime.combine(day + timedelta(days=1), time(), MONTREAL)
    return begins.utcoffset() != ends.utcoffset()


def _monday_from(day: date) -> date:
    """The first Monday on this day or after it."""
    return day + timedelta(days=-day.weekday() % 7)
