"""The next number, or the one a browser has: batched questions to the line's join script.

Joins that arrive together go out as one script call. Backpressure: a join that would wait longer than
`PATIENCE_SECONDS` for its turn is refused at once, with the time to come back. Fails closed: without the line nobody
gets a number, without SQL none above the mark.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from foundation.batching import Batcher
from foundation.clock import now_ms
from foundation.events import Events
from quota.store import Period
from waitingroom.line.batches import answered
from waitingroom.line.epochs import Epochs
from waitingroom.line.replies import JoinReply
from waitingroom.line.store import NEVER, PATIENCE_SECONDS, Join, Line
from waitingroom.period_cache import PeriodCache

NEW: Final = JoinReply.NEW

APART_SECONDS: Final = 0.02
"""Between two questions to the line, which cost a web process 0.3 ms each: who comes alone waits for nothing."""

Given = tuple[JoinReply, int]
"""What the line replied to a join, and the number that goes with it; 0 where none does."""


class NumberIssuer:
    """Questions of this process to the lines of all periods."""

    def __init__(self, line: Line, epochs: Epochs, periods: PeriodCache, events: Events) -> None:
        self._line, self._epochs, self._periods, self._events = line, epochs, periods, events
        self._batchers: dict[str, Batcher[Join, Given]] = {}

    async def ask(self, period: Period, join: Join) -> Given:
        """One question, among those that go out together. Raises Unavailable."""
        return await self._batcher(period)(join)

    def put(self, period: Period, join: Join, then: Callable[[Given | BaseException], None]) -> None:
        """The same without waiting: `then` hears the reply, or why there is none. Raises Unavailable."""
        self._batcher(period).put(join, then)

    def _batcher(self, period: Period) -> Batcher[Join, Given]:
        batcher = self._batchers.get(period.uid)
        if batcher is None:
            batcher = self._batchers[period.uid] = Batcher(
                partial(self._ask_together, period), patience=PATIENCE_SECONDS, apart_seconds=APART_SECONDS
            )
        return batcher

    async def _ask_together(self, first: Period, joins: list[Join]) -> list[Given]:
        """`first` is the row by which the batcher was made; its instants may have moved since."""
        period, uid = self._periods.latest(first), first.uid
        return await answered(
            joins,
            partial(self._ask_line, period),
            lambda _count: self._epochs.raise_mark(uid),
            JoinReply.RAISE,
        )

    async def _ask_line(self, period: Period, joins: list[Join]) -> list[Given]:
        # The script closes by the line's clock; this host's must have got there too.
        closes_at = period.closes_at if now_ms() >= period.closes_at else NEVER
        uid, opens_at = period.uid, period.opens_at
        replies = await self._epochs.fenced(
            uid, lambda epoch: self._line.join(uid, epoch, opens_at, closes_at, joins)
        )
        given = sum(reply is NEW for reply, _ in replies)
        self._epochs.gave(uid, given)
        self._events.count("joins", given)
        return replies
