"""The `web` process: uvicorn around `config/app.py`, on a socket that it inherits or opens itself."""

import gc
import socket

import uvicorn

from config.app import create_app
from config.connections import Requests, Sockets
from config.processes import WAITING_CONNECTIONS, listening_socket
from config.settings import Settings

LONGEST_FRAME_BYTES = 1024
"""Clients have nothing to say over the live feed; a longer frame closes it with 1009."""

YOUNG_OBJECTS = 20_000
"""So many new objects begin a collection of the newest; by default 700, which is a dozen requests."""

GRACE_SECONDS = 4
"""What a request in flight gets to end in; below the supervisor's 6 s, so that nothing has to be killed."""


def server(settings: Settings) -> uvicorn.Server:
    """uvicorn as measured best for many quiet connections: httptools, and 22 KiB each with `websockets-sansio`.

    `connections.py` adds the deadlines that uvicorn's own protocols lack. It pings nobody by itself: the feed does,
    without a timer for each socket.
    """
    app = create_app(settings)
    quiet_collector()
    return uvicorn.Server(
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


def quiet_collector() -> None:
    """What is here at the start stays: the collector need not look at it again and again (each look takes 50 ms).

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
    server(settings).run(sockets=[listener])
