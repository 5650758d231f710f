"""A process that is behind does not begin what nobody waits for any more."""

import contextlib
import socket
import threading
import time

import pytest
from starlette.types import Receive, Scope, Send

from server.protocol.departures import BEHIND_SECONDS, REMEMBERED_SECONDS, TickPace
from server.protocol.uvicorn_server import GracefulServer
from tests.conftest import until
from tests.support.plain_app import GET
from tests.support.processes.serving import answer, serving, status_of

HOLD = GET.replace(b" / ", b" /hold ")

GONE, HERE = 10, 3


class HeldUp:
    """An application that lets its whole process wait at `/hold`, as a crowd does, and counts what else it is asked."""

    def __init__(self) -> None:
        self.holds, self.may = threading.Event(), threading.Event()
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/hold":
            self.holds.set()
            self.may.wait(20)
        else:
            self.asked += 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


@pytest.mark.parametrize("protected", [True, False])
def test_who_has_left_a_queue_is_not_served_before_those_who_are_in_it(
    monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Ten ask and close while the process is held up, three wait: it does the work of three. Twin: of thirteen; and
    whoever asks again after that stands behind thirteen more."""
    if not protected:
        monkeypatch.setattr(TickPace, "is_behind", lambda pace: False)
    held = HeldUp()
    with serving(held, of=GracefulServer) as port, contextlib.ExitStack() as open_ones:
        first = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        first.sendall(HOLD)
        assert held.holds.wait(20)
        began = time.monotonic()
        for _ in range(GONE):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
                one.sendall(GET)
        here = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(HERE)]
        for one in map(open_ones.enter_context, here):
            one.sendall(GET)
        until(lambda: time.monotonic() - began > 3 * BEHIND_SECONDS, 20, "a tick is late")
        held.may.set()
        assert [status_of(answer(one)) for one in (first, *here)] == [200] * (1 + HERE)
        if not protected:
            until(lambda: held.asked == HERE + GONE, 20, "those who left were served too")
    assert held.asked == (HERE if protected else HERE + GONE)


def test_a_client_that_has_closed_its_half_is_answered_where_there_is_time() -> None:
    """Only a process that is behind takes that for a departure."""
    held = HeldUp()
    with serving(held, of=GracefulServer) as port:
        until(lambda: held.asked or _asked(port, half=False), 20, "it ticks")
        held.asked = 0
        _asked(port, half=True)
        until(lambda: held.asked == 1, 20, "it was begun")


def _asked(port: int, half: bool) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as one:
        one.sendall(GET)
        if half:
            one.shutdown(socket.SHUT_WR)
            return True
        return status_of(answer(one)) == 200


def test_a_pace_is_behind_from_a_late_tick_until_its_work_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first tick nothing is known; a tick that is late is remembered for some seconds."""
    clock = [100.0]
    monkeypatch.setattr("server.protocol.departures.time.monotonic", lambda: clock[0])
    pace = TickPace()
    assert not pace.is_behind()
    pace.tick()
    clock[0] += BEHIND_SECONDS / 2
    assert not pace.is_behind()
    clock[0] += BEHIND_SECONDS
    assert pace.is_behind()
    pace.tick()
    clock[0] += 0.1
    assert pace.is_behind()
    for _ in range(round(REMEMBERED_SECONDS / 0.1) + 1):
        pace.tick()
        clock[0] += 0.1
    assert not pace.is_behind()
