"""The `web` process: uvicorn around `config/app.py`, on a socket that it inherits or opens itself."""

import asyncio
import gc
import os
import random
import signal
import socket
import threading

import uvicorn

from config.app import create_app
from config.connections import Requests, Sockets
from config.processes import WAITING_CONNECTIONS, listening_socket
from config.settings import Settings

LONGEST_FRAME_BYTES = 1024
"""Clients have nothing to say over the live feed; a longer frame closes it with 1009."""

YOUNG_OBJECTS = 20_000
"""So many new objects begin a collection of the newest; by default 700, which is a dozen requests."""

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
"""On SIGUSR1, when somebody is there to take them over: a rolling restart has time."""


class Server(uvicorn.Server):
    """uvicorn's, which says when it serves, and closes its feeds little by little: they come back somewhere else.

    SIGTERM and SIGINT end it within 6 s; SIGUSR1 is gentler and takes up to 12 s. Browsers see 1012.
    """

    away_seconds = AWAY_SECONDS
    ready_fd: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if threading.current_thread() is threading.main_thread():  # elsewhere no signal can be heard
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._leave)
        if self.ready_fd is not None:
            os.write(self.ready_fd, b"1")
            os.close(self.ready_fd)

    def _leave(self) -> None:
        self.away_seconds = ROLLING_SECONDS
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in self.servers:  # from here on the others are asked
            listener.close()
        feeds = [one for one in self.server_state.connections if isinstance(one, Sockets)]
        random.shuffle(feeds)
        await self._send_away(feeds)
        await super().shutdown(sockets)

    async def _send_away(self, feeds: list[Sockets]) -> None:
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


def server(settings: Settings) -> Server:
    """uvicorn as measured best for many quiet connections: httptools, and 22 KiB each with `websockets-sansio`.

    `connections.py` adds the deadlines that uvicorn's own protocols lack. It pings nobody by itself: the feed does,
    without a timer for each socket.
    """
    app = create_app(settings)
    quiet_collector()
    made = Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=Requests,
            ws=Sockets,
            ws_max_size=LONGEST_FRAME_BYTES,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="on",
            backlog=WAITING_CONNECTIONS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    made.ready_fd = settings.ready_fd
    return made


def quiet_collector() -> None:
    """What is here at the start stays: the collector need not look at it again and again, while people wait.

    Requests leave hardly any cycles; what they leave is looked for less often, in bigger pieces.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def run(settings: Settings) -> None:
    """Serve until SIGTERM. OSError when the address cannot be had.

    The socket goes to `run(sockets=)`: with uvicorn's own `fd` setting TCP_NODELAY stays off.
    """
    if settings.listen_fd is None:
        listener = listening_socket(settings.host, settings.port)
    else:
        listener = socket.socket(fileno=settings.listen_fd)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNTAKEN_BYTES)  # of each connection it takes
    server(settings).run(sockets=[listener])
