"""The accept gate of a web process: a process that is nearly full leaves new connections to the others on its listener.

All of them accept from one socket, and the kernel hands a connection to the first that polls, however full it is.
Without this a process sheds connections (503) while the one beside it has room for thousands."""

import asyncio
import socket
import struct
from collections.abc import Sequence
from typing import Final

import structlog
import uvicorn

from server.protocol import http_protocol

log = structlog.get_logger()

MARGIN: Final = 500
"""Room that is kept for what comes in between two ticks, a tenth of a second; a small process keeps a twentieth."""

PATIENCE_TICKS: Final = 5
"""The accept queue has not become shorter for so long: then no process seems to have room, and 503 is said here."""

QUEUE_LENGTH_AT: Final = 24
"""Where `struct tcp_info` has the length of a listening socket's accept queue (`tcpi_unacked`)."""


class AcceptGate:
    """The listening sockets of a process and whether it accepts from them.

    The sockets must not block: each copy of one takes that over from it, and shares it with all other processes.
    """

    def __init__(self, server: uvicorn.Server, listeners: Sequence[socket.socket]) -> None:
        self._server, self._listeners = server, listeners
        self._queued = self._stalled_ticks = 0

    async def tick(self) -> None:
        """To be called ten times a second."""
        here, most = len(self._server.server_state.connections), http_protocol.most_connections()
        if here < most - margin(most):
            self._stalled_ticks = 0
            await self._open()
            return
        before, self._queued = self._queued, sum(map(queued, self._listeners))
        self._stalled_ticks = self._stalled_ticks + 1 if self._queued and self._queued >= before else 0
        if self._stalled_ticks > PATIENCE_TICKS:
            self._stalled_ticks = 0
            await self._open()
        else:
            self._close()

    async def _open(self) -> None:
        if self._server.servers:
            return
        server, config = self._server, self._server.config
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself
                config=config, server_state=server.server_state, app_state=server.lifespan.state, _loop=None
            )
            return made

        for one in self._listeners:
            try:
                server.servers.append(
                    await loop.create_server(protocol, sock=one.dup(), backlog=config.backlog)
                )
            except OSError as problem:  # no file is left: with the next tick, perhaps
                log.warning("accept_gate_stays_closed", error=str(problem))

    def _close(self) -> None:
        for one in self._server.servers:
            one.close()
        self._server.servers = []


def margin(most: int) -> int:
    """How much room a process that may hold so many connections keeps before its neighbours come first."""
    return min(MARGIN, most // 20)


def queued(listener: socket.socket) -> int:
    """How many connections wait to be accepted. One where the system does not tell."""
    try:
        info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, QUEUE_LENGTH_AT + 4)
    except (AttributeError, OSError):  # not Linux, or not TCP
        return 1
    return int(struct.unpack_from("I", info, QUEUE_LENGTH_AT)[0])
