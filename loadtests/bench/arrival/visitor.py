"""One browser over a blocking socket, for what is looked at and not measured: what a page links, who is signed in."""

import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from loadtests.bench.arrival.answers import ServerAnswer, take_answer
from loadtests.bench.arrival.browser import RequestKind, cookie_line, keep_cookies, request

TIMEOUT_SECONDS: Final = 30.0

READABLE: Final = "gzip"
"""What a visitor takes instead of what the crowd takes: these pages are read here."""


class Visitor:
    """Keeps its cookies and one connection. Raises OSError when nothing answers."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.jar: dict[bytes, bytes] = {}
        self._rest = b""
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 80), TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._socket.close()

    @property
    def cookies(self) -> bytes:
        return cookie_line(self.jar)

    def get(
        self, path: str, status: int = 200, kind: RequestKind = RequestKind.PAGE, referer: str = ""
    ) -> ServerAnswer:
        """The answer, which has to have this status. Raises SystemExit with what came instead."""
        head = request(self.host, path, kind, referer=referer, encodings=READABLE)
        return self.ask(head.bytes(self.cookies), status)

    def post(
        self, path: str, fields: Sequence[tuple[str, str]], referer: str, status: int = 303
    ) -> ServerAnswer:
        head = request(self.host, path, RequestKind.FORM, referer=referer, encodings=READABLE, fields=fields)
        return self.ask(head.bytes(self.cookies), status)

    def ask(self, data: bytes, status: int) -> ServerAnswer:
        self._socket.sendall(data)
        while (taken := take_answer(self._rest)) is None:
            more = self._socket.recv(65536)
            if not more:
                raise SystemExit(f"the connection was closed instead of an answer to {data[:80]!r}")
            self._rest += more
        answer, self._rest = taken
        if answer.status != status:
            raise SystemExit(
                f"{data[:80]!r} was answered {answer.status}: {answer.head!r} {answer.body[:300]!r}"
            )
        keep_cookies(answer.head, self.jar)
        return answer
