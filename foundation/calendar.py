"""Days in Montréal, and where they end. Plain dates for days, instants for moments; all pure.

Public holidays are not known here yet: on one of them a day stays as it is.
"""

from datetime import date, datetime, time, timedelta

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
