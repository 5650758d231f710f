"""Slow clients: silent ones by the hundred, bytes between requests, clients that never read.

Each ends in its time, and whoever comes honestly is served meanwhile. Deadlines are short here; the whole at its real
ones, with everybody's share of time, is a test that takes a minute.
"""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from loadtests.bench import slowloris
from loadtests.bench.servers import a_service
from server.protocol import http_protocol
from server.protocol.http_protocol import HttpProtocol
from tests.support.processes.serving import answer, raw, serving, status_of

ASK = b"GET /small HTTP/1.1\r\nHost: x\r\n\r\n"

ASK_MUCH = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n"

BUSY_SECONDS = 5.0

LARGE = 32 * 1024 * 1024
"""More than the kernel holds between two ends of a connection."""


async def small(request: Request) -> Response:
    return PlainTextResponse("small")


async def large(request: Request) -> Response:
    return Response(bytes(LARGE))


APP = Starlette(routes=[Route("/small", small, methods=["GET", "POST"]), Route("/large", large)])


class HastyServer(HttpProtocol):
    """With deadlines that a test can wait for."""

    head_seconds = 0.6
    unread_seconds = 0.3
    most_waiting = 20


@contextlib.contextmanager
def connection(port: int, *said: bytes, narrow: bool = False) -> Iterator[socket.socket]:
    """A connection that has said this. `narrow`: with as little room for answers as the kernel gives."""
    with socket.socket() as one:
        if narrow:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(5)
        one.connect(("127.0.0.1", port))
        for text in said:
            one.sendall(text)
        yield one


def ended(one: socket.socket, seconds: float) -> bool:
    """Whether the other side ends it within this time; what comes before the end is read and thrown away."""
    one.settimeout(seconds)
    try:
        while one.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize("said", [b"\r\n", b"\r\n\r\n", b"\n"])
def test_an_empty_line_after_an_answer_keeps_nothing_open(said: bytes) -> None:
    """It is no request: the connection has as long as any that says nothing."""
    with serving(APP, http=HastyServer) as port, connection(port, ASK) as one:
        assert status_of(answer(one)) == 200
        one.sendall(said)
        assert ended(one, 4)


class PlainHandler(HttpToolsProtocol):
    """uvicorn's own, with a shorter clock between two requests."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout_keep_alive = 1


def test_uvicorn_alone_keeps_it_open() -> None:
    """Twin: with uvicorn's own class the empty line stops the only clock there is."""
    for said, ends in ((b"", True), (b"\r\n", False)):
        with serving(APP, http=PlainHandler) as port, connection(port, ASK) as one:
            assert status_of(answer(one)) == 200
            one.sendall(said)
            assert ended(one, 2.5) is ends


def unread(http: type[HttpToolsProtocol], said: bytes) -> bool:
    """Whether a client that asks for much and reads nothing is cut off before it has all of it."""
    with serving(APP, http=http) as port, connection(port, said, narrow=True) as one:
        time.sleep(4 * HastyServer.unread_seconds)  # the one thing it does: nothing
        one.settimeout(0.5)
        got = 0
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            while chunk := one.recv(1 << 20):
                got += len(chunk)
        return got < LARGE


@pytest.mark.parametrize("close", [b"", b"Connection: close\r\n"])
def test_a_client_that_never_reads_is_cut_off(close: bytes) -> None:
    """Whether it asked to go on or to end after the answer that it does not take."""
    assert unread(HastyServer, ASK_MUCH.replace(b"Host: x\r\n", b"Host: x\r\n" + close))


def test_a_connection_that_is_cut_in_the_middle_of_several_requests_is_no_error(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Eight requests in one packet, nobody reads: the one that is being answered hears of the end."""
    assert unread(HastyServer, ASK_MUCH * 8)
    assert "Exception in ASGI application" not in caplog.text + capfd.readouterr().err


def test_uvicorn_alone_waits_for_its_reader() -> None:
    """Twin: after the same time the whole answer is still to be had."""
    assert not unread(HttpToolsProtocol, ASK_MUCH)


class Patient(HttpProtocol):
    """A busy machine stands still for a moment too."""

    unread_seconds = 1.5


@pytest.mark.slow
def test_a_slow_reader_gets_all_of_it() -> None:
    """Who takes its answer little by little is not one who takes nothing."""
    with serving(APP, http=Patient) as port, connection(port, ASK_MUCH, narrow=True) as one:
        got, began = 0, time.monotonic()
        while got <= LARGE and (chunk := one.recv(1 << 18)):
            got += len(chunk)
            time.sleep(len(chunk) / LARGE * 2.5 * Patient.unread_seconds)
        assert got > LARGE
        assert time.monotonic() - began > 2 * Patient.unread_seconds


def test_the_oldest_silent_one_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many the one that has been silent for longest goes; whoever speaks is served all the while."""
    monkeypatch.setattr(http_protocol, "HASTE_SECONDS", 0.1)
    monkeypatch.setattr(HastyServer, "head_seconds", 60)
    with serving(APP, http=HastyServer) as port, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(connection(port)) for _ in range(HastyServer.most_waiting)]
        time.sleep(0.2)
        assert status_of(raw(port, ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))) == 200
        assert ended(silent[0], 4)
        assert not ended(silent[-1], 0.2)


def test_a_rush_closes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many that come within a second are honest ones that have not had time to speak."""
    monkeypatch.setattr(http_protocol, "HASTE_SECONDS", 30)
    monkeypatch.setattr(HastyServer, "head_seconds", 60)
    with serving(APP, http=HastyServer) as port, contextlib.ExitStack() as stack:
        people = [stack.enter_context(connection(port)) for _ in range(5 * HastyServer.most_waiting)]
        for one in people:
            one.sendall(ASK)
        assert {status_of(answer(one)) for one in people} == {200}


@pytest.mark.slow
def test_two_thousand_of_them_beside_honest_people(tmp_path: Path) -> None:
    """At their real deadlines, in front of the real service: each kind is gone within 15 s, nobody honest is refused.

    How long people wait meanwhile is a figure, not a test: `python -m loadtests.bench --only slowloris`.
    """
    with a_service(tmp_path, *slowloris.DEMO) as ready:
        parts = urlsplit(ready["url"])
        took, attack = slowloris.beside_slow_clients(parts.hostname or "", parts.port or 80)
    assert len(took) > 1000
    assert min(attack["ended"].values()) >= 400, "most met their deadline"
    # The clocks are the service's; what a busy machine adds until one is looked at, or an end is heard of, is not.
    assert {kind: seconds for kind, seconds in attack["longest"].items() if seconds > 15 + BUSY_SECONDS} == {}
