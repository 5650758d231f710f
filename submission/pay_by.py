"""The last moment to pay (PY-01). How many days there are is a rule of the period, as its programme has it. Pure."""

from datetime import date
from functools import lru_cache

from foundation.calendar.closures import PUBLIC_SERVICE, Closures
from foundation.calendar.days import day_of, end_of_day
from foundation.calendar.spans import Deadline, calendar_days


def pay_by(submitted_at: int, days: int, closures: Closures = PUBLIC_SERVICE) -> int:
    """The last second of the last day to pay, in Montréal: the day of submission is not counted (PY-01)."""
    return _last_second(day_of(submitted_at), days, closures)


@lru_cache(64)
def _last_second(day: date, days: int, closures: Closures) -> int:
    """Counted once for all who submit on a day."""
    return end_of_day(calendar_days(day, days, closures).last_day)


def payment_deadline(submitted_at: int, days: int, closures: Closures = PUBLIC_SERVICE) -> Deadline:
    """The same with how it was found. A last day on which offices are closed moves to the next business day, in the
    candidate's favour."""
    return calendar_days(day_of(submitted_at), days, closures)
