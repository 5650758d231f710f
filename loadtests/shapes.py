"""How many simulated people there are at each moment of a load test. Pure."""

from enum import StrEnum
from typing import NamedTuple


class LoadShape(StrEnum):
    """A load test by its name."""

    STAMPEDE = "stampede"
    """60,000 who come within a minute, and stay."""
    STEADY = "steady"
    """A day without a rush."""
    DRAIN = "drain"
    """A line that is told of its end; the period's cap makes it one (`run.py`)."""
    INTAKE = "intake"
    """Small already: an opening with a steady minute behind it."""


class ArrivalShape(NamedTuple):
    """Stages (until second, people, arriving a second) at full size, and the share of it that two cores carry."""

    stages: tuple[tuple[float, int, float], ...]
    here: float


SHAPES = {
    LoadShape.STAMPEDE: ArrivalShape(((60, 60_000, 1_000.0), (120, 60_000, 1_000.0)), 0.01),
    LoadShape.STEADY: ArrivalShape(((600, 3_000, 50.0),), 0.1),
    LoadShape.DRAIN: ArrivalShape(((60, 36_000, 600.0), (180, 36_000, 600.0)), 0.02),
    LoadShape.INTAKE: ArrivalShape(((4, 400, 200.0), (20, 400, 5.0), (60, 600, 5.0)), 1.0),
}
"""How each of them comes."""


def now_in(
    stages: tuple[tuple[float, int, float], ...], seconds: float, scale: float = 1.0
) -> tuple[int, float] | None:
    """People by the next second, and arrivals a second; None when the shape is over. At least one of each."""
    here, since = 0.0, 0.0
    for until, people, rate in stages:
        by_then = min(people, here + rate * (min(seconds + 1, until) - since)) if people > here else people
        if seconds < until:
            return max(1, round(by_then * scale)), max(1.0, rate * scale)
        here, since = by_then, until
    return None
