"""How long a draft is kept (DR-01 to DR-03). Pure."""

from datetime import timedelta

from foundation.calendar import day_of, end_of_day


def kept_for(begun_at: int, days: int) -> int:
    """The last instant of a draft that was begun then: the end of the day, in Montréal, so many days later (DR-01)."""
    return end_of_day(day_of(begun_at) + timedelta(days=days))


def kept_until(begun_at: int, stored: int | None, days: int) -> int:
    """The instant up to which a draft is kept: the one that was recorded, or so many days for one that has none."""
    return kept_for(begun_at, days) if stored is None else stored


def is_expired(kept_until: int, now: int) -> bool:
    """Whether a draft is no longer good. It is until the end of its last day."""
    return now > kept_until
