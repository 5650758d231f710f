"""Sockets that stand for hours by the thousand, without a task: what one needs is called, not awaited.

A task with its coroutines, its queue and what they wait on is several times the memory of everything else that a quiet
connection has, and its making is a good part of a handshake.
"""

import time
from typing import Any, Final, Protocol

import structlog

from server.request_tally import RequestTally
from server.requests import Incoming
from server.wire import WireProtocol

INTERNAL_ERROR: Final = 1011

log = structlog.get_logger()


class SocketListener(Protocol):
    """Who hears what comes of a socket."""

    def begin(self) -> None:
        """It is open: from here on the wire may be written to."""

    def heard(self, text: str | None) -> None:
        """A message came; None for one that is no text."""

    def gone(self) -> None:
        """Either side has ended it. Once."""


class QuickSocketHandler(Protocol):
    """A handler of a handshake that may be answered at once."""

    def stand(self, came: Incoming, wire: WireProtocol) -> SocketListener | None:
        """Who listens to this socket, which `wire` writes to once it is open; None, before anything was done, for one
        that more has to be asked about."""


class OpenSocket:
    """One of them. In the place of the queue that a task would read, it takes the server's events as they come."""

    __slots__ = ("_began", "_listener", "_path", "_tally", "_wire", "id_")

    def __init__(
        self, listener: SocketListener, wire: WireProtocol, id_: bytes, tally: RequestTally, path: str
    ) -> None:
        self._listener: SocketListener | None = listener
        self._wire, self._tally, self._path, self.id_ = wire, tally, path, id_
        self._began = time.monotonic()

    def begin(self) -> None:
        """The handshake is answered."""
        try:
            if self._listener is not None:
                self._listener.begin()
        except Exception as error:
            self._fail(error)

    def put_nowait(self, message: Any) -> None:
        """An event of ASGI."""
        listener = self._listener
        if listener is None:
            return
        try:
            if message["type"] == "websocket.receive":
                listener.heard(message.get("text"))
            elif message["type"] == "websocket.disconnect":
                self._listener = None
                self._tally.add(self._path, "WS", 101, time.monotonic() - self._began)
                listener.gone()
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        log.error("unexpected", route=self._path, exc_info=error)
        self._wire.end(INTERNAL_ERROR)
