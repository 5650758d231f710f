"""How long a draft is kept (DR-01 to DR-03). Pure.

Ninety days from the first saved field, to the end of that day in Montréal; and over the further periods that the form's
retention names, whichever is later: ninety days from January end before an intake in June. Then it can be recovered for
some days, and is destroyed.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from foundation.calendar.days import day_of, end_of_day
from submission.drafts.states import DraftState


class PeriodSpan(NamedTuple):
    """When a period opens and closes, as it is announced (instants)."""

    opens_at: int
    closes_at: int


def days_after(instant: int, days: int) -> int:
    """The last second, in Montréal, of the day so many days after an instant's."""
    return _end_after(day_of(instant), days)


@lru_cache(1024)
def _end_after(day: date, days: int) -> int:
    """Asked at each look at a draft, of a few days only."""
    return end_of_day(day + timedelta(days=days))


def kept_for(begun_at: int, days: int) -> int:
    """The last instant of a draft that was begun then, by its days alone (DR-01)."""
    return days_after(begun_at, days)


def kept_over(begun_at: int, days: int, periods: Iterable[PeriodSpan], further: int) -> int:
    """The same over so many further periods of its programme: those that had not closed when it was begun."""
    to_come = sorted(one for one in periods if one.closes_at > begun_at)[:further]
    return max([kept_for(begun_at, days), *(one.closes_at for one in to_come)])


def kept_until(begun_at: int, stored: int | None, days: int) -> int:
    """The instant up to which a draft is kept: the one that was recorded, or so many days for one that has none."""
    return kept_for(begun_at, days) if stored is None else stored


def is_expired(kept_until: int, now: int) -> bool:
    """Whether a draft is no longer good. It is until the end of its last day."""
    return now > kept_until


def destroyed_after(kept_until: int, recover_days: int) -> int:
    """The last instant at which an expired draft can be recovered."""
    return days_after(kept_until, recover_days)


def state_of(kept_until: int, submitted: bool, now: int) -> DraftState:
    """Where a draft stands that was not destroyed."""
    if submitted:
        return DraftState.SUBMITTED
    return DraftState.RECOVERABLE if is_expired(kept_until, now) else DraftState.LIVE
