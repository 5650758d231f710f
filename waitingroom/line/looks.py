"""A look at the line, when this process took it, and how fast the line moved."""

import time
from typing import NamedTuple

from waitingroom.line.snapshot import Snapshot

RATE_SECONDS = 120.0
"""The range of a wait is worked out from how fast the line moved over this time."""


class Look(NamedTuple):
    """A look at the line, when this process took it, and how many numbers were gone at which times."""

    snapshot: Snapshot
    looked: float
    gone: tuple[tuple[float, int], ...] = ()
    per_minute: float | None = None

    @classmethod
    def after(cls, before: "Look | None", snapshot: Snapshot) -> "Look":
        now = time.monotonic()
        history = before.gone if before else ()
        if not history or now - history[-1][0] >= 5.0:
            count = int.from_bytes(snapshot.gone, "big").bit_count()
            history = (*(one for one in history if now - one[0] <= RATE_SECONDS), (now, count))
        return cls(snapshot, now, history, _per_minute(history))

    def age_seconds(self) -> float:
        return time.monotonic() - self.looked


def _per_minute(gone: tuple[tuple[float, int], ...]) -> float | None:
    """How fast the line moved over these looks."""
    if len(gone) < 2:
        return None
    (start, before), (end, after) = gone[0], gone[-1]
    return max(0, after - before) * 60 / (end - start)
