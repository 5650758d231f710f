"""Days in Montréal: which one an instant is on, where they end. Plain dates for days, instants for moments; pure."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from foundation.clock import MONTREAL, montreal, montreal_instant

DAY_MS = 86_400_000
"""A day of 24 hours: for spans, never to find another calendar day, which may have 23 or 25."""

HOUR_MS = 3_600_000

SATURDAY, SUNDAY = 5, 6

TO_MONDAY = {SATURDAY: 2, SUNDAY: 1}
"""Days from a day of the weekend to the Monday after it."""


def day_of(instant_ms: int) -> date:
    """The day on which an instant falls in Montréal."""
    return _day_of_hour(instant_ms // HOUR_MS) if instant_ms >= 0 else montreal(instant_ms).date()


@lru_cache(4096)
def _day_of_hour(hour: int) -> date:
    """The day of a whole hour since 1970: asked at each look at a draft, of a few hours only. Since then Montréal has
    always been whole hours from UTC, so that no day begins within one."""
    return montreal(hour * HOUR_MS).date()


def end_of_day(day: date) -> int:
    """The instant of the last second of a day in Montréal."""
    return round(datetime.combine(day, time(23, 59, 59), MONTREAL).timestamp() * 1000)


def instant_on(day: date, at: time) -> int:
    """The instant of a time of day in Montréal. ValueError for a time that this day shows twice or never (WR-14)."""
    return montreal_instant(datetime.combine(day, at))


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


def monday_from(day: date) -> date:
    """The first Monday on this day or after it."""
    return day + timedelta(days=-day.weekday() % 7)
