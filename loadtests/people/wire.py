"""HTTP and WebSocket as lightly as a machine allows that has to be sixty thousand people: one `asyncio.Protocol`.

A connection does requests one after the other, or, after a handshake, receives frames. It knows as much of both
protocols as our service uses (RFC 9112 with Content-Length, RFC 6455 without fragments or extensions) and treats
everything else as a broken line. Its owner hears of answers, frames and the end.
"""

import asyncio
import secrets
from base64 import b64encode
from typing import Final, Protocol, cast

import msgspec

from loadtests.journey.steps import JourneyAnswer

MOST_HEAD: Final = 32_768

NO_BODY: Final = (204, 304)

TEXT, CLOSE, PING = 0x1, 0x8, 0x9

BROKEN = 1006


class ConnectionOwner(Protocol):
    """Who is told what comes over a line."""

    def answered(self, answer: JourneyAnswer) -> None: ...

    def opened(self) -> None: ...

    def received(self, text: bytes) -> None: ...

    def ended(self, line: "ClientConnection", code: int) -> None: ...


class ClientConnection(asyncio.Protocol):
    """One connection. `live` after the handshake of a WebSocket."""

    __slots__ = ("busy", "code", "live", "owner", "rest", "size", "transport", "used_at")

    def __init__(self, owner: ConnectionOwner) -> None:
        self.owner: ConnectionOwner | None = owner
        self.rest = b""
        self.live = self.busy = False
        self.used_at = 0.0
        self.size = 0
        """Bytes of the last answer, head included."""
        self.code = BROKEN
        self.transport: asyncio.Transport | None = None

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit it

    def connection_lost(self, exc: Exception | None) -> None:
        owner, self.owner, self.transport = self.owner, None, None
        if owner is not None:
            owner.ended(self, self.code)

    def data_received(self, data: bytes) -> None:
        self.take(data)

    # What its owner calls

    def send(self, data: bytes) -> None:
        self.busy = True
        self.write(data)

    def close(self) -> None:
        """End it; the owner hears nothing more of it."""
        self.owner = None
        if self.transport is not None:
            if self.live:
                self.write(masked(CLOSE, (1000).to_bytes(2, "big")))
            self.transport.close()

    @property
    def open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    # Within

    def write(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.write(data)

    def take(self, data: bytes) -> None:
        self.rest = self.rest + data if self.rest else data
        if self.live:
            self._frames()
        else:
            self._answer()

    def _answer(self) -> None:
        end = self.rest.find(b"\r\n\r\n")
        if end < 0:
            if len(self.rest) > MOST_HEAD:
                self._break()
            return
        try:
            status, headers, cookies = read_head(self.rest[:end])
            if 100 <= status < 200 and status != 101:  # early hints, which are no answer
                self.rest = self.rest[end + 4 :]
                self._answer()
                return
            length = 0 if status in NO_BODY or status == 101 else int(headers.get("content-length", "0"))
        except (ValueError, IndexError):
            self._break()
            return
        if len(self.rest) < end + 4 + length:
            return
        raw, self.rest = self.rest[end + 4 : end + 4 + length], self.rest[end + 4 + length :]
        self.busy, self.size = False, end + 4 + length
        if self.owner is None:
            return
        if status == 101:
            self.live = True
            self.owner.opened()
            if self.rest:
                self._frames()
            return
        self.owner.answered(JourneyAnswer(status, headers, cookies, decoded(headers, raw)))

    def _frames(self) -> None:
        while (frame := read_frame(self.rest)) is not None:
            kind, payload, size = frame
            self.rest = self.rest[size:]
            if kind == PING:
                self.write(masked(0xA, payload))
            elif kind == CLOSE:
                self.code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
                self.write(masked(CLOSE, payload[:2]))
                if self.transport is not None:
                    self.transport.close()
                return
            elif kind == TEXT and self.owner is not None:
                self.owner.received(payload)
            elif kind not in (TEXT, 0xA):
                self._break()
                return

    def _break(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class SlowConnection(ClientConnection):
    """A line that carries so many bytes a second each way, and no more: what is not yet through is not read."""

    __slots__ = ("bytes_per_second", "free_at", "loop")

    def __init__(self, owner: ConnectionOwner, bytes_per_second: float) -> None:
        super().__init__(owner)
        self.loop = asyncio.get_running_loop()
        self.bytes_per_second = bytes_per_second
        self.free_at = 0.0

    def write(self, data: bytes) -> None:
        self.free_at = max(self.free_at, self.loop.time()) + len(data) / self.bytes_per_second
        self.loop.call_at(self.free_at, super().write, data)

    def data_received(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.pause_reading()
        self.loop.call_later(len(data) / self.bytes_per_second, self._through, data)

    def _through(self, data: bytes) -> None:
        self.take(data)
        if self.open and self.transport is not None:
            self.transport.resume_reading()


def read_head(head: bytes) -> tuple[int, dict[str, str], dict[str, str]]:
    """Status, headers by their names in lower case, and cookies; one that is taken back is an empty text."""
    lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        if name == "set-cookie":
            pair, _, attributes = value.partition(";")
            cookie, _, text = pair.partition("=")
            cookies[cookie] = "" if "max-age=0" in attributes.lower().replace(" ", "").split(";") else text
        else:
            headers[name] = value
    if "chunked" in headers.get("transfer-encoding", ""):
        raise ValueError("a body without a length")
    return int(lines[0].split(" ", 2)[1]), headers, cookies


def decoded(headers: dict[str, str], raw: bytes) -> object:
    """The JSON of a body, or the text of a page that is not compressed; None for anything else."""
    kind = headers.get("content-type", "")
    if kind.startswith("text/html") and "content-encoding" not in headers:
        return raw.decode("utf-8", "replace")
    if not raw or "json" not in kind:
        return None
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return None


def read_frame(data: bytes) -> tuple[int, bytes, int] | None:
    """Opcode, payload and whole size of the first frame; None while it is not complete. A server never masks."""
    if len(data) < 2:
        return None
    length, start = data[1] & 0x7F, 2
    if length == 126:
        length, start = int.from_bytes(data[2:4], "big"), 4
    elif length == 127:
        length, start = int.from_bytes(data[2:10], "big"), 10
    if len(data) < start + length:
        return None
    return data[0] & 0x0F, data[start : start + length], start + length


def masked(opcode: int, payload: bytes) -> bytes:
    """A short frame as a client must send it."""
    key = secrets.token_bytes(4)
    body = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    return bytes((0x80 | opcode, 0x80 | len(payload))) + key + body


def request(
    host: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
    kind: str = "application/json",
) -> bytes:
    """The bytes of one request, its body of this kind."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        *(f"{name}: {text}" for name, text in headers.items()),
    ]
    if body is not None:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def handshake(host: str, path: str, headers: dict[str, str]) -> bytes:
    """The bytes that ask for a WebSocket."""
    asks = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(secrets.token_bytes(16)).decode(),
    }
    return request(host, "GET", path, headers | asks, None)
