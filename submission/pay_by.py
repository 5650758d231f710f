"""The last moment to pay (PY-01)."""

from datetime import datetime, time, timedelta

from foundation.clock import MONTREAL, montreal


def pay_by(submitted_at: int, days: int) -> int:
    """The last second of the last day to pay, in Montréal: the day of submission is not counted (PY-01).

    A last day on a weekend moves to Monday, in the candidate's favour (`domain.md` 1.X.16). Public holidays are not
    known here yet: on one of them the day stays.
    """
    day = montreal(submitted_at).date() + timedelta(days=days)
    day += timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
    return round(datetime.combine(day, time(23, 59, 59), MONTREAL).timestamp() * 1000)
