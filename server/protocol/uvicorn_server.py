"""uvicorn's server, which says when it serves, and sends its feeds away little by little at the end."""

import asyncio
import os
import random
import signal
import socket
import threading

import uvicorn

from server.protocol.accept_gate import AcceptGate
from server.protocol.departures import pace_of
from server.protocol.garbage_collection import collect
from server.protocol.websocket_protocol import WebSocketProtocol

LONGEST_FRAME_BYTES = 1024
"""Clients have nothing to say over the live feed; a longer frame closes it with 1009."""

UNTAKEN_BYTES = 16 * 1024
"""What the kernel holds of answers that a client has not taken (Linux doubles it). It would grow to 4 MiB a connection,
and a client that asks and asks and reads nothing would be served for as long."""

GRACE_SECONDS = 2
"""What a request in flight gets to end in, after the feeds; together below the supervisor's 6 s, so that nothing has to
be killed."""

SENT_AWAY_A_SECOND = 500
"""Feeds closed a second by a process that ends: as many handshakes as the others can take besides their work."""

AWAY_SECONDS = 3.0
"""On SIGTERM all are closed within this time, however many they are."""

ROLLING_SECONDS = 10.0
"""On SIGUSR1, when another process takes them over: a rolling restart has time."""


class GracefulServer(uvicorn.Server):
    """uvicorn's, which says when it serves, and closes its feeds little by little: they come back somewhere else.

    SIGTERM and SIGINT end it within 6 s; SIGUSR1 is gentler and takes up to 12 s. Browsers see 1012.
    """

    away_seconds = AWAY_SECONDS
    ready_fd: int | None = None
    shares = False
    """Whether others listen on the same sockets: then they come first where this process is nearly full."""

    gate: AcceptGate | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if sockets is None or not self.shares:
            await super().startup(sockets)
        else:
            for one in sockets:
                one.setblocking(False)  # a copy takes this over, and sets it for all processes
            await super().startup([one.dup() for one in sockets])  # these are closed with the gate
            self.gate = AcceptGate(self, sockets)
        if threading.current_thread() is threading.main_thread():  # elsewhere no signal can be heard
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._leave)
        if self.ready_fd is not None:
            os.write(self.ready_fd, b"1")
            os.close(self.ready_fd)

    async def on_tick(self, counter: int) -> bool:
        pace_of(self.server_state).tick()
        collect(counter, len(self.server_state.connections))
        if self.gate is not None:
            await self.gate.tick()
        return await super().on_tick(counter)

    def _leave(self) -> None:
        self.away_seconds = ROLLING_SECONDS
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in (*self.servers, *(sockets or ())):  # from here on the others are asked
            listener.close()
        feeds = [one for one in self.server_state.connections if isinstance(one, WebSocketProtocol)]
        random.shuffle(feeds)
        await self._send_away(feeds)
        await super().shutdown(sockets)

    async def _send_away(self, feeds: list[WebSocketProtocol]) -> None:
        """Close these with 1012, so many a second that none of the others is overrun, and all within the time."""
        step = 0.1
        a_step = max(SENT_AWAY_A_SECOND * step, len(feeds) * step / self.away_seconds)
        sent = 0.0
        while sent < len(feeds) and not self.force_exit:
            for feed in feeds[round(sent) : round(sent + a_step)]:
                if feed in self.server_state.connections:  # not gone by itself meanwhile
                    feed.shutdown()
            sent += a_step
            await asyncio.sleep(step)
