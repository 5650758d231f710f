"""Requests that are under way, known to somebody when the load ends.

Locust ends a user in the middle of a request by killing its greenlet: that request is in no statistic, whether the
service would have answered or not, and the exit status is 0. Here each request has a greenlet of its own, which goes
on when its user is gone; at the end all of them are waited for, and those that are never answered are told.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import gevent


class Settled(NamedTuple):
    """How many requests were under way at the end, and how many of them got no answer in the time they had."""

    in_flight: int
    unanswered: int


class InFlight:
    """The requests of one process. What is asked for runs at once, and is known until it ends."""

    def __init__(self) -> None:
        self._under_way: set[gevent.Greenlet] = set()

    def __len__(self) -> int:
        return len(self._under_way)

    def run(self, ask: Callable[[], Any]) -> Any:
        """Ask, and wait for what comes of it, also an exception. Whoever waits may be killed; the asking goes on."""
        asking = gevent.Greenlet(ask)
        self._under_way.add(asking)
        asking.link(self._under_way.discard)
        asking.start()
        return asking.get()

    def settle(self, seconds: float) -> Settled:
        """Wait for all that is under way, at most this long; what is unanswered then is given up."""
        waited_for = list(self._under_way)
        gevent.joinall(waited_for, timeout=seconds)
        late = [asking for asking in waited_for if not asking.ready()]
        gevent.killall(late, block=False)
        return Settled(len(waited_for), len(late))
