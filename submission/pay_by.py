"""The last moment to pay (PY-01). How many days there are is a rule of the period, as its programme has it."""

from datetime import timedelta

from foundation.calendar.days import after_weekend, day_of, end_of_day


def pay_by(submitted_at: int, days: int) -> int:
    """The last second of the last day to pay, in Montréal: the day of submission is not counted (PY-01).

    A last day on a weekend moves to Monday, in the candidate's favour.
    """
    return end_of_day(after_weekend(day_of(submitted_at) + timedelta(days=days)))
