"""The accept gate: a process that is nearly full leaves new connections to the others on its listener."""

import contextlib
import os
import select
import socket
from collections.abc import Iterator
from typing import ClassVar

import pytest
import uvicorn

from server.protocol import accept_gate, http_protocol, uvicorn_server
from tests.conftest import until
from tests.support.plain_app import GET, Slow, asking
from tests.support.processes.serving import answer, serving, status_of


class Watched(uvicorn_server.GracefulServer):
    """The servers that were made, to look at."""

    shares = True
    made: ClassVar[list[uvicorn.Server]] = []

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.made.append(self)


def readable(one: socket.socket) -> bool:
    return bool(select.select([one], [], [], 0)[0])


@contextlib.contextmanager
def nearly_full(
    monkeypatch: pytest.MonkeyPatch, of: type[uvicorn.Server]
) -> Iterator[tuple[Slow, socket.socket]]:
    """A process that holds 38 connections of 40, and its listener."""
    monkeypatch.setattr(http_protocol, "most_connections", lambda: 40)
    slow = Slow()
    with socket.create_server(("127.0.0.1", 0)) as listener, serving(slow, of=of, on=listener.dup()) as port:
        with asking(port, [GET] * 38):
            until(lambda: slow.at_work == 38, 10, "it is nearly full")
            yield slow, listener
            slow.may.set()


def five_more(monkeypatch: pytest.MonkeyPatch, of: type[uvicorn.Server]) -> list[int]:
    """Five come to it; then a process that has room listens beside it."""
    has_room = Slow()
    has_room.may.set()
    with nearly_full(monkeypatch, of) as (_, listener):
        if of is Watched:
            until(lambda: not Watched.made[-1].servers, 10, "it takes nobody")
        with asking(listener.getsockname()[1], [GET] * 5) as more:
            if of is not Watched:
                until(lambda: all(map(readable, more[2:])), 10, "who came too late has heard so")
            with serving(has_room, on=listener.dup()):
                return [status_of(answer(one)) for one in more[2:]]


def test_who_is_nearly_full_leaves_newcomers_to_who_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """All processes listen on one socket; none turns anybody away while another has room."""
    monkeypatch.setattr(accept_gate, "PATIENCE_TICKS", 1_000)
    assert five_more(monkeypatch, Watched) == [200] * 3


def test_without_a_door_newcomers_are_turned_away_beside_an_empty_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twin: uvicorn takes whoever comes."""
    assert five_more(monkeypatch, uvicorn.Server) == [503] * 3


def test_where_nobody_has_room_newcomers_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a second, by a process that looks for nothing but that."""
    with nearly_full(monkeypatch, Watched) as (_, listener):
        until(lambda: not Watched.made[-1].servers, 10, "it takes nobody")
        with asking(listener.getsockname()[1], [GET] * 5) as more:
            assert [status_of(answer(one)) for one in more[2:]] == [503] * 3


def test_the_door_is_open_again_as_soon_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited outside is let in."""
    monkeypatch.setattr(accept_gate, "PATIENCE_TICKS", 1_000)
    with nearly_full(monkeypatch, Watched) as (slow, listener):
        until(lambda: not Watched.made[-1].servers, 10, "it takes nobody")
        with asking(listener.getsockname()[1], [GET] * 5) as more:
            slow.may.set()  # those inside are answered, and gone when they have been idle for as long as one may
            assert [status_of(answer(one)) for one in more] == [200] * 5


def test_a_socket_that_is_shared_never_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes wake up for one connection, and the one that comes too late must not stand still in `accept`."""
    seen: list[bool] = []
    startup = uvicorn.Server.startup

    async def looking(server: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        seen.extend(os.get_blocking(one.fileno()) for one in sockets or ())
        await startup(server, sockets)

    monkeypatch.setattr(uvicorn.Server, "startup", looking)
    with nearly_full(monkeypatch, Watched):
        assert seen == [False], "while the application starts, and others serve"
        kept = vars(Watched.made[-1])["gate"]
        assert [one.gettimeout() for one in kept._listeners] == [0.0], "nor does any later copy"
