"""The collector of a web process: no pause that people notice, and nothing that stays for ever."""

import gc
import socket
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from starlette.types import Receive, Scope, Send

from server.protocol.garbage_collection import (
    ALL_TICKS,
    MANY,
    RARE_TICKS,
    YOUNG_TICKS,
    collect,
    quiet_collector,
)
from server.protocol.http_protocol import HttpProtocol
from tests.support.processes.serving import answer, serving


@pytest.fixture
def kept() -> Iterator[None]:
    """The collector as a web process has it, and as it was afterwards."""
    before = gc.get_threshold()
    quiet_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)
    gc.enable()


def most_at_a_time(ticks: bool) -> int:
    """How many new objects were once there to look at, while a thousand came and went again and again."""
    here: deque[list[int]] = deque([number] for number in range(50_000))
    gc.collect(0)
    most = 0
    for tick in range(50):
        for number in range(1_000):
            here.append([number])
            here.popleft()
        most = max(most, len(gc.get_objects(generation=0)))
        if ticks:
            collect(tick, MANY)
    return most


def test_new_objects_are_looked_at_before_they_are_many(kept: None) -> None:
    assert most_at_a_time(ticks=True) < 3_000


def test_by_itself_the_collector_lets_them_gather(kept: None) -> None:
    """Twin: it counts off those that went, and never begins."""
    gc.enable()
    gc.set_threshold(20_000, 20, 20)
    assert most_at_a_time(ticks=False) > 30_000


class Circle:
    def __init__(self) -> None:
        self.me = self


def found_at(held: int) -> dict[str, bool]:
    """Whether a circle is found by a tick, by the tick of a second, of five minutes and of an hour."""
    found = {}
    for name, ticks, tick in (
        ("new", 0, 0), ("a second", 1, YOUNG_TICKS - 1), ("five minutes", YOUNG_TICKS, ALL_TICKS - 1),
        ("an hour", YOUNG_TICKS, RARE_TICKS - 1),
    ):  # fmt: skip
        circle = Circle()
        for passed in range(ticks):
            collect(passed, held)
        gone = weakref.ref(circle)
        del circle
        collect(tick, held)
        found[name] = gone() is None
    return found


def test_all_objects_are_looked_at_while_they_are_few(kept: None) -> None:
    """What is new in a tenth of a second, what has stayed in a second, and everything when nobody notices."""
    assert found_at(MANY - 1) == {"new": True, "a second": True, "five minutes": True, "an hour": True}
    assert found_at(MANY) == {"new": True, "a second": True, "five minutes": False, "an hour": True}


class KeptObjects(HttpProtocol):
    """Remembers every connection that is still there."""

    here: ClassVar["weakref.WeakSet[KeptObjects]"] = weakref.WeakSet()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.here.add(self)


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers what it is asked first and then nothing, until the other side is gone."""
    while scope["path"] == "/slow" and (await receive())["type"] != "http.disconnect":
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def gone_by_itself() -> bool:
    """Whether nothing is left of connections that were answered, were not, and had more to ask, and then ended."""
    quick, slow = (b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path for path in (b"/", b"/slow"))
    gc.disable()
    try:
        with serving(silent, http=KeptObjects) as port:
            for asked in (quick, slow, slow + quick * 5):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
                    one.sendall(quick + asked)
                    answer(one)
            end = time.monotonic() + 5
            while KeptObjects.here and time.monotonic() < end:
                threading.Event().wait(0.01)
            return not KeptObjects.here
    finally:
        gc.enable()
        gc.collect()


def test_a_connection_that_ends_leaves_no_circle_behind() -> None:
    """So that to look at all objects can wait: bad company would leave some hundred thousand in five minutes."""
    assert gone_by_itself()


@pytest.mark.slow
def test_with_what_it_still_had_to_ask_it_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: uvicorn's own end of a connection, after ours."""

    def lost(connection: KeptObjects, exc: Exception | None) -> None:
        cycle, waiting = connection.cycle, list(connection.pipeline)
        HttpProtocol.connection_lost(connection, exc)
        connection.cycle = cycle
        connection.pipeline.extend(waiting)

    monkeypatch.setattr(KeptObjects, "connection_lost", lost)
    assert not gone_by_itself()
