"""Requests of the fast path are summed for figures and log, and none is left out."""

from collections.abc import Sequence

from foundation.events import Events
from server.request_tally import RequestTally


class Kept(Events):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, str], int] = {}
        self.times: list[float] = []

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        self.counted[name, labels["status"]] = n

    def took_all(self, name: str, seconds: Sequence[float], /, **labels: str) -> None:
        self.times += seconds


async def test_what_was_added_is_told_once() -> None:
    """By route, method and status; each response time by itself."""
    events = Kept()
    tally = RequestTally(events)
    for status in (201, 201, 503):
        tally.add("/x/{id}", "POST", status, 0.01)
    tally.flush()
    tally.flush()
    assert events.counted == {("http_requests", "201"): 2, ("http_requests", "503"): 1}
    assert len(events.times) == 3


async def test_how_long_a_socket_stood_is_no_response_time() -> None:
    """It is counted, and not timed."""
    events = Kept()
    tally = RequestTally(events)
    tally.add("/live", "WS", 101, 3_600.0)
    tally.flush()
    assert events.counted == {("http_requests", "101"): 1}
    assert events.times == []
