"""Requests of the hot routes, summed: a count and a line for each would cost as much as the answer.

Nothing is left out: once a second the figures get what came, request by request, and the log gets one line for each
route, method and status. `fast_path.py` sums; a caller that must see the figures at once calls `flush`.
"""

import asyncio
from collections import defaultdict
from typing import Final

import structlog

from foundation.events import Events

FLUSH_SECONDS: Final = 1.0

log = structlog.get_logger()


class RequestTally:
    """What was answered since the last flush."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._taken: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
        self._due: asyncio.TimerHandle | None = None

    def add(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request was answered, in so many seconds."""
        self._taken[route, method, status].append(seconds)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Tell figures and log what came since the last time."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        taken, self._taken = self._taken, defaultdict(list)
        for (route, method, status), seconds in taken.items():
            self._events.count("http_requests", len(seconds), route=route, method=method, status=str(status))
            if method != "WS":  # how long a socket stood is no response time
                self._events.took_all("http_request", seconds, route=route)
            log.info(
                "requests",
                route=route, method=method, status=status, count=len(seconds),
                slowest_ms=round(max(seconds) * 1000, 1),
            )  # fmt: skip
