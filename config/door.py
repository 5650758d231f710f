"""The door of a web process: who is nearly full leaves new connections to the processes that have room.

All of them listen on one socket, and the kernel hands a connection to whoever looks first, however full it is. Without
this a process turns people away (503) while the one beside it has room for thousands.
"""

import asyncio
import socket
import struct
from collections.abc import Sequence
from typing import Final

import uvicorn

from config import connections

MARGIN: Final = 500
"""Room that is kept for what comes in between two ticks, a tenth of a second; a small process keeps a twentieth."""

PATIENCE_TICKS: Final = 10
"""Nobody has taken whoever waits outside for so long: then nobody has room, and who has none either says so."""

WAITING_AT: Final = 24
"""Where `struct tcp_info` has the length of a listening socket's queue (`tcpi_unacked`)."""


class Door:
    """The listening sockets of a process and whether it takes anybody from them."""

    def __init__(self, server: uvicorn.Server, listeners: Sequence[socket.socket]) -> None:
        self._server, self._listeners = server, listeners
        self._left = 0

    async def tick(self) -> None:
        """To be called ten times a second."""
        here, most = len(self._server.server_state.connections), connections.most_connections()
        if here < most - min(MARGIN, most // 20):
            self._left = 0
            await self._open()
            return
        self._left = self._left + 1 if any(map(waits, self._listeners)) else 0
        if self._left > PATIENCE_TICKS:
            self._left = 0
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

        server.servers = [
            await loop.create_server(protocol, sock=one.dup(), backlog=config.backlog)
            for one in self._listeners
        ]

    def _close(self) -> None:
        for one in self._server.servers:
            one.close()
        self._server.servers = []


def waits(listener: socket.socket) -> bool:
    """Whether a connection waits to be taken. True where the system does not tell."""
    if not hasattr(socket, "TCP_INFO"):
        return True
    info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, WAITING_AT + 4)
    return bool(struct.unpack_from("I", info, WAITING_AT)[0])
