"""A crowd of browsers: a connection each, one request in flight on it, everybody to the end."""

from collections import Counter

import pytest
from starlette.types import Receive, Scope, Send

from loadtests.bench.arrival.answers import ServerAnswer
from loadtests.bench.arrival.browser import handshake, request
from loadtests.bench.arrival.crowd import BrowserCrowd
from loadtests.bench.arrival.plan import Ask, Journey
from loadtests.bench.servers import bare
from tests.support.processes.serving import serving

BROWSERS = 100


def journey(host: str, came: list[ServerAnswer], status: int = 201) -> Journey:
    """Two requests, then the feed and its first frame."""
    for _ in range(2):
        answer = yield Ask("a page", request(host, "/").bytes())
        if answer.status != status:
            raise SystemExit(f"another answer: {answer.status}")
    yield Ask("the feed", handshake(host, "/live").bytes())
    came.append((yield Ask("a frame", b"")))


class FramingRoom:
    """Answers 201, and the feed with one frame; counts what came over which connection."""

    def __init__(self) -> None:
        self.requests = Counter[tuple[str, int]]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests[tuple(scope["client"])] += 1
        if scope["type"] == "http":
            await bare(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": '{"number":1}'})
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def test_everybody_arrives_on_a_connection_of_their_own() -> None:
    """Pages and feed over the same one; what came is counted, heads included."""
    room, came = FramingRoom(), list[ServerAnswer]()
    with serving(room) as port:
        crowd = BrowserCrowd(f"127.0.0.1:{port}")
        await crowd.arrive([journey(f"127.0.0.1:{port}", came) for _ in range(BROWSERS)])
        received = crowd.received
        await crowd.close()
    assert [one.body for one in came] == [b'{"number":1}'] * BROWSERS
    assert len(room.requests) == BROWSERS and set(room.requests.values()) == {3}
    assert received > BROWSERS * 3 * len(b"HTTP/1.1 201 Created\r\n\r\n")


async def test_a_held_crowd_goes_step_by_step() -> None:
    """Nobody sends the next request before all have the answer to this one."""
    room, came = FramingRoom(), list[ServerAnswer]()
    with serving(room) as port:
        crowd = BrowserCrowd(f"127.0.0.1:{port}")
        await crowd.connect([journey(f"127.0.0.1:{port}", came) for _ in range(BROWSERS)])
        seen = []
        for _ in range(4):
            await crowd.step()
            seen.append(sum(room.requests.values()))
        await crowd.close()
    assert seen == [BROWSERS, 2 * BROWSERS, 3 * BROWSERS, 3 * BROWSERS]
    assert len(came) == BROWSERS


async def test_a_wrong_answer_ends_it() -> None:
    """Twin: there is no figure of a crowd that was refused."""
    with serving(bare) as port:
        crowd = BrowserCrowd(f"127.0.0.1:{port}")
        with pytest.raises(SystemExit, match="another answer: 201"):
            await crowd.arrive([journey(f"127.0.0.1:{port}", [], 200)])
        await crowd.close()
