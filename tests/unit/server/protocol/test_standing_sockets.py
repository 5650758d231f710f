"""Sockets without a task: what comes of one is told to its listener, once, and a fault of ours ends it."""

import pytest

from foundation.events import Events
from server.protocol.standing_sockets import INTERNAL_ERROR, OpenSocket
from server.request_tally import RequestTally


class Wire:
    """A connection that only remembers how it was ended."""

    def __init__(self) -> None:
        self.ended: list[int] = []

    def push(self, text: bytes, asking: bool = False) -> bool:
        return asking

    def unsent(self) -> int:
        return 0

    def ping(self) -> None: ...

    def silent(self) -> bool:
        return False

    def end(self, code: int) -> None:
        self.ended.append(code)

    def abort(self) -> None: ...


class Listener:
    """Remembers what it was told; `fails` at all of it."""

    def __init__(self, fails: bool = False) -> None:
        self.told: list[object] = []
        self.fails = fails

    def _hear(self, what: object) -> None:
        self.told.append(what)
        if self.fails:
            raise ValueError("a fault of ours")

    def begin(self) -> bytes:
        self._hear("begin")
        return b""

    def heard(self, text: str | None) -> None:
        self._hear(text)

    def gone(self) -> None:
        self._hear("gone")


def opened(listener: Listener, wire: Wire) -> OpenSocket:
    return OpenSocket(listener, wire, b"an-id-of-it", RequestTally(Events()), "/live")


async def test_a_listener_hears_everything_and_the_end_once() -> None:
    """Texts as they are, what is no text as None; nothing after the end."""
    listener, wire = Listener(), Wire()
    socket = opened(listener, wire)
    socket.begin()
    for text in ("hidden", None):
        socket.put_nowait({"type": "websocket.receive", "text": text})
    for _ in range(2):
        socket.put_nowait({"type": "websocket.disconnect", "code": 1001})
    socket.put_nowait({"type": "websocket.receive", "text": "late"})
    assert listener.told == ["begin", "hidden", None, "gone"]
    assert wire.ended == []


@pytest.mark.parametrize(
    "event", [{"type": "websocket.receive", "text": "x"}, {"type": "websocket.disconnect"}]
)
async def test_a_fault_of_ours_ends_the_socket(event: dict[str, str]) -> None:
    """With 1011, and nobody else hears of it."""
    wire = Wire()
    opened(Listener(fails=True), wire).put_nowait(event)
    assert wire.ended == [INTERNAL_ERROR]
