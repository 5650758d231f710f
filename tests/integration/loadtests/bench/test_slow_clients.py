"""Slow clients: each kind is slow in its own way, whatever is ended is opened again, and how long it lived is kept."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from loadtests.bench.slow_clients import BEGINNINGS, SlowClient, SlowClients, SlowKind
from tests.conftest import until


@contextmanager
def listening(*, closes: bool) -> Iterator[tuple[int, list[socket.socket]]]:
    """A listener that takes every connection, and closes it at once or keeps it."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:

        def take() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    taken.append(connection)
                    if closes:
                        connection.close()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], taken
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for connection in taken:
                connection.close()


def test_whatever_is_ended_is_opened_again() -> None:
    """So that there are always as many; each end is counted."""
    with listening(closes=True) as (port, _):
        clients = SlowClients(port, 1)

        def each_ended() -> bool:
            clients.step()
            return all(count >= 2 for count in clients.ended.values())

        until(each_ended, 20, "each kind was ended twice")
        found = clients.close()
    assert found["ended"] == clients.ended
    assert all(seconds < 15 for seconds in clients.longest.values())


def test_as_many_of_each_kind_stay() -> None:
    """Nobody ends them, so none more are opened."""
    with listening(closes=False) as (port, taken):
        clients = SlowClients(port, 2)

        def all_here() -> bool:
            clients.step()
            return len(clients.here) == 2 * len(SlowKind)

        until(all_here, 10, "two of each kind are here")
        clients.step()
        assert clients.most == 2 * len(SlowKind)
        clients.close()
        assert len(taken) <= 2 * len(SlowKind)


def test_each_kind_begins_in_its_own_way() -> None:
    """Silence, half a head, half a body, and questions whose answers are not read."""
    assert set(BEGINNINGS) == set(SlowKind)
    with listening(closes=False) as (port, taken):
        client = SlowClient(SlowKind.HEADS, port)
        until(lambda: bool(taken), 5, "it is there")
        client.dripped -= 2
        client.drip()
        taken[0].settimeout(5)
        got = b""
        while not got.endswith(b"a"):
            got += taken[0].recv(4096)
        assert got == BEGINNINGS[SlowKind.HEADS].encode() + b"a"
        assert not client.ended()
        client.socket.close()
