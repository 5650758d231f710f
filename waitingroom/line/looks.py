"""The last look at each line: when this process took it, and how fast the line moved.

Everything that is shown of a line comes from its last look. However many ask, one look is taken at a time. Of a long
line it is one that all web processes share, and what changed since this one's last is all that comes (ADR 0025).
"""

import asyncio
import time
from typing import NamedTuple

from foundation.errors import Unavailable
from quota.states import PeriodState
from quota.store import Period
from waitingroom.line import shared_look
from waitingroom.line.epochs import Epochs
from waitingroom.line.shared_look import SharedLook
from waitingroom.line.snapshot import Snapshot
from waitingroom.line.store import Line

RATE_SECONDS = 120.0
"""The range of a wait is worked out from how fast the line moved over this time."""

SAMPLE_SECONDS = 5.0
"""How many numbers are gone is remembered this often."""

FRESH_SECONDS = 1.0
"""A period's row and a look at its line are read at most this often by one process."""

RECENT_SECONDS = 5.0
"""What is answered without asking the line first rests on no older look than this."""


class Look(NamedTuple):
    """A look at the line, when it was taken by this process's clock, and how many numbers were gone at which times."""

    snapshot: Snapshot
    looked: float
    gone: tuple[tuple[float, int], ...] = ()
    per_minute: float | None = None

    @classmethod
    def after(cls, before: "Look | None", snapshot: Snapshot, age_seconds: float = 0.0) -> "Look":
        now = time.monotonic() - age_seconds
        history = before.gone if before else ()
        if not history or now - history[-1][0] >= SAMPLE_SECONDS:
            count = int.from_bytes(snapshot.gone, "big").bit_count()
            history = (*(one for one in history if now - one[0] <= RATE_SECONDS), (now, count))
        return cls(snapshot, now, history, _per_minute(history))

    def age_seconds(self) -> float:
        return time.monotonic() - self.looked


class Looks:
    """This process's last look at each period's line."""

    def __init__(self, line: Line, epochs: Epochs) -> None:
        self._line, self._epochs = line, epochs
        self._last: dict[str, Look] = {}
        self._held: dict[str, SharedLook] = {}
        self._looking: dict[str, asyncio.Future[Look | None]] = {}
        self._refresh: asyncio.Future[Look | None] | None = None

    def last(self, uid: str) -> Look | None:
        """The last look, however old; None before the first."""
        return self._last.get(uid)

    def recent(self, period: Period, seconds: float = RECENT_SECONDS) -> Look | None:
        """The last look if it is recent enough to answer from without asking, so many seconds at most; one that is no
        longer fresh is renewed in the background, for the requests that follow."""
        look = self._last.get(period.uid)
        if look is None:
            return None
        age = time.monotonic() - look.looked
        if FRESH_SECONDS < age <= RECENT_SECONDS and (self._refresh is None or self._refresh.done()):
            self._refresh = asyncio.ensure_future(self.look(period))
        return look if age <= seconds else None

    async def look(self, period: Period, fresh_seconds: float = FRESH_SECONDS) -> Look | None:
        """A look at most `fresh_seconds` old while Redis answers, of a long line LOOK_GAP_MS. Fails soft: the last
        one, or None.

        While one is being taken, those who would be content with one a second old get the last one: a thousand requests
        in the meantime do not look a thousand times.
        """
        uid = period.uid
        known = self._last.get(uid)
        if period.state == PeriodState.ANNOUNCED or (known and known.age_seconds() < fresh_seconds):
            return known
        if uid in self._looking and fresh_seconds >= FRESH_SECONDS:
            # Before the first there is nothing to show: a crowd at a process that has just begun waits for that one.
            return known or await asyncio.shield(self._looking[uid])
        looking = self._looking[uid] = asyncio.ensure_future(self._look(uid, known))
        looking.add_done_callback(lambda done: self._looking.get(uid) is done and self._looking.pop(uid))
        return await asyncio.shield(looking)

    async def _look(self, uid: str, known: Look | None) -> Look | None:
        try:
            snapshot, age_seconds = await self._epochs.fenced(uid, lambda epoch: self._take(uid, epoch))
        except Unavailable:
            return known
        look = self._last[uid] = Look.after(known, snapshot, age_seconds)
        return look

    async def _take(self, uid: str, epoch: int) -> tuple[Snapshot, float]:
        """A look in this epoch, and how old it is in seconds. Raises Stale and Unavailable."""
        known = self._last.get(uid)
        if known is None or known.snapshot.seq >= shared_look.SHORT_LINE:
            shared = await self._line.look(uid, epoch, self._held.get(uid))
            if shared is not None:
                self._held[uid] = shared
                return shared.snapshot, shared.age_ms / 1000
        self._held.pop(uid, None)
        return await self._line.snapshot(uid, epoch), 0.0


def _per_minute(gone: tuple[tuple[float, int], ...]) -> float | None:
    """How fast the line moved over these looks."""
    if len(gone) < 2:
        return None
    (start, before), (end, after) = gone[0], gone[-1]
    return max(0, after - before) * 60 / (end - start)
