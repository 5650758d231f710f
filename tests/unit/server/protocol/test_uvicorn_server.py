"""A web process that ends sends its feeds away little by little, so that the others are not overrun."""

import asyncio
import time
from typing import Any, cast

import pytest
import uvicorn

from server.protocol import uvicorn_server
from server.protocol.uvicorn_server import AWAY_SECONDS, ROLLING_SECONDS, GracefulServer


class StandingFeed:
    """A socket of which only its end matters."""

    def __init__(self) -> None:
        self.ended_at: float | None = None

    def shutdown(self) -> None:
        self.ended_at = time.monotonic()


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    pass


def serving(feeds: list[StandingFeed]) -> GracefulServer:
    server = GracefulServer(uvicorn.Config(nothing, lifespan="off", log_config=None))
    server.server_state.connections = cast(Any, set(feeds))
    return server


async def test_feeds_are_closed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many a second as the others can take, and all of them."""
    monkeypatch.setattr(uvicorn_server, "SENT_AWAY_A_SECOND", 100)
    feeds = [StandingFeed() for _ in range(30)]
    await serving(feeds)._send_away(cast(Any, feeds))
    ends = sorted(feed.ended_at or 0.0 for feed in feeds)
    assert ends[0] > 0
    assert ends[-1] - ends[0] >= 0.15  # three steps of ten


async def test_however_many_they_are_it_ends_in_time() -> None:
    """More than the pace allows go faster."""
    feeds = [StandingFeed() for _ in range(5_000)]
    server = serving(feeds)
    server.away_seconds = 0.3
    began = time.monotonic()
    await server._send_away(cast(Any, feeds))
    assert all(feed.ended_at for feed in feeds)
    assert time.monotonic() - began < 5


async def test_one_that_has_gone_is_left_alone() -> None:
    """It ended by itself meanwhile."""
    here, gone = StandingFeed(), StandingFeed()
    server = serving([here])
    await server._send_away(cast(Any, [here, gone]))
    assert (here.ended_at is None, gone.ended_at is None) == (False, True)


async def test_a_rolling_restart_has_more_time() -> None:
    """SIGUSR1 is gentler than SIGTERM."""
    server = serving([])
    assert server.away_seconds == AWAY_SECONDS
    server._leave()
    assert server.should_exit
    assert server.away_seconds == ROLLING_SECONDS > AWAY_SECONDS
    await asyncio.sleep(0)
