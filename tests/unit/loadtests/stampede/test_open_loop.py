"""Lines and timers of one thread, against real sockets."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from loadtests.stampede.open_loop import OpenLoop, RawLine

SECONDS = 5.0


class LineEar:
    """An owner that writes down what it hears, and may do something then."""

    def __init__(self, then: Callable[[RawLine], None]) -> None:
        self.said: list[bytes] = []
        self.ended: list[float] = []
        self.then = then

    def heard(self, line: RawLine, data: bytes, now: float) -> None:
        self.said.append(data)
        self.then(line)

    def broken(self, line: RawLine, now: float) -> None:
        self.ended.append(now)
        self.then(line)


def echo(listener: socket.socket) -> None:
    """Sends everything back, and ends with the client."""
    served, _ = listener.accept()
    with served:
        while data := served.recv(65_536):
            served.sendall(data)


def loop_to(listener: socket.socket) -> OpenLoop:
    """A loop that ends after a while whatever happens."""
    loop = OpenLoop(*listener.getsockname())
    loop.at(time.monotonic() + SECONDS, lambda _: setattr(loop, "over", True))
    return loop


def test_a_line_carries_bytes_both_ways_from_an_address_of_its_own() -> None:
    """Also those that are sent before it is connected, and more than a socket takes at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=echo, args=(listener,), daemon=True)
        server.start()
        loop = loop_to(listener)
        whole = b"x" * 3_000_000

        def then(line: RawLine) -> None:
            loop.over = sum(map(len, ear.said)) == len(whole)

        ear = LineEar(then)
        line = loop.dial(ear, "127.9.8.7")
        assert line.handle.getsockname()[0] == "127.9.8.7"
        line.send(whole)
        loop.run()
        server.join(SECONDS)
    assert b"".join(ear.said) == whole
    assert (ear.ended, loop.lines, line.open) == ([], {}, False)


@pytest.mark.parametrize("there", [True, False])
def test_a_line_that_ends_is_heard_of_once(there: bool) -> None:
    """Whether the other side closed it or nobody was there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop = loop_to(listener)
        if not there:
            listener.close()
        ear = LineEar(lambda line: setattr(loop, "over", True))
        line = loop.dial(ear, "")
        line.send(b"hello")
        if there:
            listener.accept()[0].close()
        loop.run()
    assert len(ear.ended) == 1
    assert (ear.said, loop.lines) == ([], {})


def test_an_overdue_answer_breaks_the_line() -> None:
    """Its owner is told; a line that waits for nothing stays."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop = loop_to(listener)
        ear = LineEar(lambda line: setattr(loop, "over", True))
        patient, overdue = loop.dial(ear, ""), loop.dial(ear, "")
        overdue.due = time.monotonic() - 1.0
        loop.look(time.monotonic())
        assert (patient.open, overdue.open, len(ear.ended)) == (True, False, 1)
        patient.close()
        patient.close()
    assert loop.lines == {}


def test_timers_go_off_in_their_order() -> None:
    """Those of one instant in the order in which they were set, and one that is set by another too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        loop, gone = loop_to(listener), list[str]()
        soon = time.monotonic() + 0.05

        def second(now: float) -> None:
            assert now >= soon
            gone.append("second")
            loop.at(now, third)

        def third(now: float) -> None:
            gone.append("third")
            loop.over = True

        loop.at(soon, lambda _: gone.append("first"))
        loop.at(soon, second)
        loop.at(0.0, lambda _: gone.append("at once"))
        loop.run()
    assert gone == ["at once", "first", "second", "third"]
