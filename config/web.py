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
from config.connections import Requests
from config.door import Door
from config.processes import WAITING_CONNECTIONS, listening_socket
from config.settings import Settings
from config.sockets import Sockets

LONGEST_FRAME_BYTES = 1024
"""Clients have nothing to say over the live feed; a longer frame closes it with 1009."""

YOUNG_TICKS = 10
ALL_TICKS = 3_000
RARE_TICKS = 36_000
"""Every tenth of a second, a tick, the collector looks at what is new since the last; every second at what has stayed
since the last second; every five minutes at all objects, but every hour only while there are many of them."""

MANY = 500
"""Connections whose objects can all be looked at without anybody noticing; with thousands everybody waits for it."""

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
    shares = False
    """Whether others listen on the same sockets: then they come first where this process is nearly full."""

    door: Door | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if sockets is None or not self.shares:
            await super().startup(sockets)
        else:
            for one in sockets:
                one.setblocking(False)  # a copy takes this over, and sets it for all processes
            await super().startup([one.dup() for one in sockets])  # these are closed with the door
            self.door = Door(self, sockets)
        if threading.current_thread() is threading.main_thread():  # elsewhere no signal can be heard
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._leave)
        if self.ready_fd is not None:
            os.write(self.ready_fd, b"1")
            os.close(self.ready_fd)

    async def on_tick(self, counter: int) -> bool:
        collect(counter, len(self.server_state.connections))
        if self.door is not None:
            await self.door.tick()
        return await super().on_tick(counter)

    def _leave(self) -> None:
        self.away_seconds = ROLLING_SECONDS
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in (*self.servers, *(sockets or ())):  # from here on the others are asked
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

    `connections.py` and `sockets.py` add what uvicorn's own protocols lack, deadlines above all. It pings nobody by
    itself: the feed does, without a timer for each socket.
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
    made.ready_fd, made.shares = settings.ready_fd, settings.listen_fd is not None
    return made


def quiet_collector() -> None:
    """From here on the collector works when `collect` says so, and what is here at the start stays.

    By itself it begins when there are so many more objects than before, and counts off those that went. Beside a
    thousand connections that come and go it lets a hundred thousand gather and then looks at them for 50 ms, in which
    nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def collect(tick: int, held: int) -> None:
    """Look for circles of references, where it can be done without anybody noticing; `held` connections are there.

    Sockets that stand leave none behind when they go. What still lasts for more than a second and then is garbage in a
    circle waits until few are here, or for an hour.
    """
    every = ALL_TICKS if held < MANY else RARE_TICKS
    if tick % every == every - 1:
        gc.collect(2)
    else:
        gc.collect(1 if tick % YOUNG_TICKS == YOUNG_TICKS - 1 else 0)


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
