"""`/metrics` and `/healthz` of a process that serves no pages: `ticker` and `worker`, where METRICS_ADDRESS names one.

A thread with a server of the standard library: what asks is one Prometheus, from inside. Of several processes of one
host the first has the address; the others stand by and take it when it is free, since each shows the figures of all.
"""

import errno
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6
from typing import Any, Final

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from config.settings import Settings
from config.version import VERSION
from foundation.metrics import Metrics
from server.networks import Networks

STAND_BY_SECONDS: Final = 5.0
"""Between two looks whether the address is free."""

REQUEST_SECONDS: Final = 5.0
"""For each read and write of a request: one that says nothing is gone after that."""

log = structlog.get_logger()


class Exposition:
    """What is shown. `look` brings the gauges that are read at a scrape up to date."""

    def __init__(self, metrics: Metrics, version: str, look: Callable[[], None]) -> None:
        self._metrics, self._look = metrics, look
        self._alive = msgspec.json.encode({"status": "ok", "version": version})

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body for an address."""
        if path == "/healthz":
            return 200, "application/json", self._alive
        if path != "/metrics":
            return 404, "text/plain; charset=utf-8", b""
        self._look()
        return 200, CONTENT_TYPE_LATEST, self._metrics.text()


class MetricsEndpoint:
    """Serves from its own thread until it is closed. Fails soft: a process works without it."""

    def __init__(self, address: tuple[str, int], networks: Networks, shown: Exposition) -> None:
        """`networks` are those that may ask."""
        self.address = address
        self._networks, self._shown = networks, shown
        self._closed = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> "MetricsEndpoint":
        self._thread.start()
        return self

    def close(self) -> None:
        self._closed.set()
        if self._server is not None:
            self._server.shutdown()
        self._thread.join(2 * REQUEST_SECONDS)

    def _run(self) -> None:
        stands_by = False
        while not self._closed.is_set():
            try:
                self._server = server = _server(self.address, self._networks, self._shown)
            except OSError as problem:
                if problem.errno != errno.EADDRINUSE:
                    log.error("metrics_address_not_had", error=problem)
                    return
                if not stands_by:
                    log.info("metrics_address_taken", reason="another process shows the figures of this host")
                    stands_by = True
                self._closed.wait(STAND_BY_SECONDS)
                continue
            self.address = (str(server.server_address[0]), int(server.server_address[1]))
            with server:
                if not self._closed.is_set():
                    server.serve_forever(poll_interval=0.1)
            return


def expose(settings: Settings, metrics: Metrics, look: Callable[[], None]) -> MetricsEndpoint | None:
    """The endpoint of this process, at work; None where none is wanted."""
    if settings.metrics_address is None:
        return None
    shown = Exposition(metrics, VERSION, look)
    return MetricsEndpoint(settings.metrics_address, Networks(settings.internal_networks), shown).start()


def _server(address: tuple[str, int], networks: Networks, shown: Exposition) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = REQUEST_SECONDS
        protocol_version = "HTTP/1.0"
        server_version, sys_version = "guichet", ""

        def do_GET(self) -> None:
            status, kind, body = shown.answer(self.path.partition("?")[0])
            self.send_response(status)
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  the library's name

        def log_message(self, *args: Any) -> None:
            """A line for each scrape says nothing."""

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in address[0] else ThreadingHTTPServer.address_family
        daemon_threads = True
        block_on_close = False

        def verify_request(self, request: Any, client_address: Any) -> bool:
            return networks.have(str(client_address[0]))

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Whoever went away in the middle is no error of ours."""

    return Server(address, Handler)
