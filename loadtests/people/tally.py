"""What a whole crowd has seen: how its journeys ended, and the promises that only show across candidates. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from loadtests.journey.states import JourneyEnd, Pledge, RefusalCode
from loadtests.journey.steps import Outcome

NATURAL = frozenset(
    {
        RefusalCode.QUOTA_REACHED,
        RefusalCode.PERIOD_CLOSED,
        RefusalCode.DUPLICATE_ACCOUNT,
        RefusalCode.DUPLICATE_PERSON,
        RefusalCode.ACCOUNT_HAS_LIVE_TOKEN,
        RefusalCode.DRAFT_SUBMITTED,
    }
)
"""Refusals that a candidate with sound papers may meet: the day is over, or the account was here before."""


class CrowdTally:
    """Outcomes as they come in, and counts of what went over the wire."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        """Refusals of single requests, expected ones too, by code."""
        self.counts: Counter[str] = Counter()
        """requests, joins, sockets, frames, lost."""
        self.reasons: list[str] = []
        self.ended: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        self.ended.append(outcome)
        self.kinds[outcome.kind] += 1
        if outcome.kind is JourneyEnd.FAILED:
            self.reasons.append(outcome.reason or "no reason given")
        elif outcome.kind is JourneyEnd.REFUSED and outcome.code not in NATURAL:
            self.reasons.append(f"number {outcome.number} was refused with {outcome.code}")

    def broken(self) -> list[str]:
        """Every journey that failed, and every number, rank or receipt that two people were given (P1, P2, P3)."""
        twice = []
        for pledge, field in ((Pledge.P1, "number"), (Pledge.P2, "rank"), (Pledge.P3, "receipt")):
            seen = Counter(getattr(outcome, field) for outcome in self.ended)
            twice += [
                f"{pledge}: {field} {value} was given to {times} people"
                for value, times in seen.items()
                if value is not None and times > 1
            ]
        return self.reasons + twice

    def line(self) -> str:
        """One line for people, such as `3 submitted, 1 left; 25 requests, 80 frames`."""
        ends = (
            ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common()) or "nobody got to an end"
        )
        wire = ", ".join(f"{count} {name}" for name, count in self.counts.most_common())
        codes = ", ".join(f"{count} {code}" for code, count in self.codes.most_common())
        return f"{ends}; {wire}" + (f"; refusals: {codes}" if codes else "")


def best_rate(instants: Sequence[float], window: float) -> float:
    """The most that fell into one window of so many seconds, a second. The instants ascend."""
    best = start = 0
    for end, instant in enumerate(instants):
        while instants[start] <= instant - window:
            start += 1
        best = max(best, end - start + 1)
    return best / window


PARTS = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, 95th and 99th hundredth, and the largest; empty for no values."""
    ordered = sorted(values)
    if not ordered:
        return {}
    return {name: round(ordered[int(part * (len(ordered) - 1))], 1) for name, part in PARTS.items()}
