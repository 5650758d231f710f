"""A real uvicorn around an application, as `web` runs it, on a free port and a thread of its own; and raw requests."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from server.protocol.http_protocol import HttpProtocol
from server.protocol.websocket_protocol import WebSocketProtocol


@contextlib.contextmanager
def serving(
    app: ASGIApp,
    *,
    lifespan: bool = False,
    http: Any = HttpProtocol,
    ws: Any = WebSocketProtocol,
    of: type[uvicorn.Server] = uvicorn.Server,
    on: socket.socket | None = None,
) -> Iterator[int]:
    """The port that the application is served on while this lasts; `on` this listener, which is closed with it."""
    listener = on or socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=http, ws=ws, ws_max_size=1024, ws_per_message_deflate=False,
        lifespan="on" if lifespan else "off", access_log=False, log_config=None, server_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = of(config)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    try:
        with capture_logs():
            yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def raw(port: int, *parts: bytes, seconds: float = 15.0) -> bytes:
    """Send these bytes as they are and read until the server closes, or the answer's end by its Content-Length."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for part in parts:
                connection.sendall(part)
        return answer(connection)


def answer(connection: socket.socket) -> bytes:
    """One whole HTTP answer. TimeoutError when it does not come in the connection's time."""
    got = b""
    while chunk := connection.recv(65536):
        got += chunk
        head, found, body = got.partition(b"\r\n\r\n")
        lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if found and lengths and len(body) >= int(lengths[0]):
            break
    return got


def status_of(answered: bytes) -> int:
    return int(answered.split(b" ", 2)[1])
