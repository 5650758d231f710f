"""Plain HTTP/1.1 and WebSocket for crowds of thousands: a parser of a page each, and nothing kept that is not needed.

A browser's library costs some hundred kilobytes a connection; these cost two. They speak to our own service only.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import NamedTuple, cast

ANSWER_SECONDS = 30.0


class RawAnswer(NamedTuple):
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    body: bytes


class Http:
    """One connection that is kept open. ConnectionError when it was lost: the request may or may not have arrived."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> RawAnswer:
        """One request. `headers` are whole lines. ConnectionRefusedError when nobody listens."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._ask(method, path, headers, body)
        except (asyncio.IncompleteReadError, OSError, TimeoutError) as problem:
            self.close()
            if isinstance(problem, ConnectionRefusedError):
                raise
            raise ConnectionError(str(problem)) from problem

    async def _ask(self, method: str, path: str, headers: str, body: bytes) -> RawAnswer:
        if self._reader is None or self._writer is None or self._reader.at_eof():
            self.close()
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        host = f"Host: {self.host}:{self.port}\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{host}{headers}\r\n".encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        answer = await self._reader.readexactly(int(found.get("content-length", "0")))
        if found.get("connection", "").lower() == "close":
            self.close()
        return RawAnswer(int(first.split()[1]), found, answer)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


class RawWire(asyncio.Protocol):
    """One WebSocket: `heard` gets each text frame; `closed` ends with the close code, 1006 when there was none."""

    def __init__(self, request: bytes, heard: Callable[[bytes], None]) -> None:
        self._request, self._heard = request, heard
        self._buffer = b""
        self._open = False
        self._code = 1006
        self.frames = 0
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is of a class of its own
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(self._code)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self._transport.close()
                return
            self._open, self._buffer = True, rest
        while self._frame():
            pass

    def _frame(self) -> bool:
        """Take one frame from the buffer; False when it is not all there."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        if len(buffer) < start + size:
            return False
        payload, self._buffer = buffer[start : start + size], buffer[start + size :]
        kind = buffer[0] & 0x0F
        if kind == 1:
            self.frames += 1
            self._heard(payload)
        elif kind == 9:
            self._say(10, payload)
        elif kind == 8:
            self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self._say(8, payload[:2])
            self._transport.close()
            return False
        return True

    def _say(self, kind: int, payload: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self._transport.write(bytes((0x80 | kind, 0x80 | len(payload))) + mask + masked)

    def drop(self) -> None:
        """Cut the line without a word, as a network does."""
        self._transport.abort()


def handshake(host: str, path: str, headers: str) -> bytes:
    """The request of a browser that opens a WebSocket. `headers` are whole lines."""
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{upgrade}{headers}\r\n".encode()
