"""The `web` process: uvicorn around `config/app.py`, on a socket that it inherits or opens itself."""

import socket

import uvicorn

from config.app import create_app
from config.settings import Settings
from server.protocol.garbage_collection import quiet_collector
from server.protocol.http_protocol import HttpProtocol
from server.protocol.listening import WAITING_CONNECTIONS, listening_socket
from server.protocol.uvicorn_server import GRACE_SECONDS, LONGEST_FRAME_BYTES, UNTAKEN_BYTES, GracefulServer
from server.protocol.websocket_protocol import WebSocketProtocol


def server(settings: Settings) -> GracefulServer:
    """uvicorn as measured best for many quiet connections: httptools, and 22 KiB each with `websockets-sansio`.

    `server/protocol/` adds what uvicorn's own protocols lack, deadlines above all. It sends no pings: the feed does,
    without a timer for each socket.
    """
    app = create_app(settings)
    quiet_collector()
    made = GracefulServer(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=HttpProtocol,
            ws=WebSocketProtocol,
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
