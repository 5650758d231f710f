"""uvicorn's WebSocket protocol with what 0.54 lacks for sockets that stand by the thousand.

It waits for ever when the `websockets` library gives up on a handshake before it is one (a header line over 8 KiB, more
than 128 headers, a body): here that is answered (431 or 400) and closed. And a handshake that was refused with an
answer is complete: uvicorn would log an error for each, which anybody could cause.

A handshake comes parsed already, by the parser of all requests: it is not written out again for `websockets` to parse.
That library judges it where it is not in every way ordinary. Of a socket that stands it is made when a frame comes that
is neither a sign of life nor a short text: most never need it.
"""

import asyncio
import hashlib
import logging
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import unquote

from uvicorn._types import ASGISendEvent, WebSocketScope
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from server.protocol.http_protocol import apply_forwarded_headers, default_lines, with_id
from server.wire import PUSH

HEAD: Final = b"GET / HTTP/1.1\r\n\r\n"
"""The shortest request there is: with it the library's parser is past the handshake, and begins with frames."""

JUDGED: Final = {
    b"connection": "Connection",
    b"upgrade": "Upgrade",
    b"origin": "Origin",
    b"sec-websocket-key": "Sec-WebSocket-Key",
    b"sec-websocket-version": "Sec-WebSocket-Version",
    b"sec-websocket-extensions": "Sec-WebSocket-Extensions",
    b"sec-websocket-protocol": "Sec-WebSocket-Protocol",
}
"""What the library looks at to judge a handshake."""

KEY_LENGTH: Final = 24

_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
"""Sixteen bytes in base 64."""

ACCEPTING: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What every server answers a key with, so that nobody else answers one by chance (RFC 6455, 1.3)."""

BODIES: Final = frozenset({b"content-length", b"transfer-encoding"})

MOST_LINES, LONGEST_LINE = 100, 8000
"""Longer handshakes, and those with a body, are the library's to parse: it has bounds, and words for what is beyond."""

UNREADABLE: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

PING: Final = b"\x89\x00"

PONG: Final = b"\x8a\x80"

PONG_BYTES: Final = 6
"""A ping that carries nothing, and its answer: two bytes and the mask."""

TEXT, LONG_TEXT = 0x81, b"\x81\x7e"
"""How a text in one frame begins, and one of 126 bytes to 64 KiB."""

MASKED, LONGEST_SHORT = 0x80, 125
"""The bit that every frame of a client has beside its length, and the longest length that stands in the same byte."""

CLOSE, CLOSING = 0x88, b"\x88\x02%b"
"""How a close begins, and one of ours with its code."""


SWITCHING: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %b\r\n%bX-Request-ID: %b\r\n\r\n"
)


class Unwaited:
    """In the place of an `asyncio.Event` that nobody waits for."""

    def set(self) -> None: ...

    def clear(self) -> None: ...


UNWAITED: Final = Unwaited()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn.Config(ws=Sockets)`.

    It offers itself in the scope as the feed's wire: frames are written at once, without a
    task that waits, and a sign of life is asked for when the feed says so, without a timer for each connection. And it
    forgets its handshake when that is done.
    """

    logger = logging.getLogger("uvicorn.error")
    handshake_initiated = handshake_complete = read_paused = False
    close_timer = ping_timer = pong_timer = None
    close_timeout = 10.0
    """As uvicorn begins; a socket that stands has them from its class."""

    _code = 0
    """What it was closed with, without the library."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """What uvicorn's own constructor makes is made with the library's connection, when that is asked for (`conn`):
        with its queue and its event it is a good part of a handshake, and of what a socket keeps."""
        self._given = config, server_state, app_state, _loop
        self.config, self.connections = config, server_state.connections
        # Asked at each frame: what an object has itself is read in a tenth of the time.
        self.close_sent = self.disconnected = self._awaited = self._whole = self._stood = False
        self._library: ServerProtocol | None = None

    @property
    def conn(self) -> ServerProtocol:
        """The library's connection."""
        return self._library or self._make()

    @conn.setter
    def conn(self, made: ServerProtocol) -> None:
        self._library = made

    def _make(self) -> ServerProtocol:
        mine = vars(self)
        before = mine.copy()
        super().__init__(*self._given)
        conn = before["_library"] = cast(ServerProtocol, self._library)
        mine.update(before)
        if self._stood:
            self._past_the_handshake()
            conn.state = OPEN
            if self.close_sent:
                conn.send_close(self._code)
                conn.data_to_send()  # it is on its way already
        return conn

    def _past_the_handshake(self) -> None:
        self.conn.receive_data(HEAD)
        self.conn.events_received()

    def take(
        self, before: HttpToolsProtocol, method: str, target: bytes, headers: list[tuple[bytes, bytes]]
    ) -> bool:
        """Answer a handshake that `before` has parsed already. False, with nothing done, for an odd one."""
        if not is_ordinary(method, target, headers):
            return False
        self.transport, self.server, self.client = before.transport, before.server, before.client
        self.scheme = "wss" if before.scheme == "https" else "ws"
        self.connections.add(self)
        stands, named = getattr(self.config.app, "stand", None), dict(headers)
        accept = accept_of(named) if len(named) == len(headers) else None
        if stands is None or accept is None or not self._stand(stands, target, headers, accept):
            self._past_the_handshake()
            self.handle_connect(request_of(target, headers))
            if self.response.status_code == 101:
                self.scope["headers"] = headers
        return True

    def _stand(self, stands: Any, target: bytes, headers: list[tuple[bytes, bytes]], accept: bytes) -> bool:
        """Without a task, if the application can tell at once that this socket stands."""
        if self.config.ws_per_message_deflate:
            return False
        opened = stands(self._scope_of(target.decode("ascii"), headers), self)
        if opened is None:
            return False
        self.handshake_initiated = self.handshake_complete = self._whole = self._stood = True
        self.queue, self.writable = opened, UNWAITED  # type: ignore[assignment]
        head = SWITCHING % (accept, default_lines(self._given[1].default_headers), opened.id_)
        try:
            text = opened.begin()
        except Exception as error:
            self.transport.write(head)
            opened.fail(error)
        else:
            self.transport.write(head + head_of(text) + text if text else head)
        return True

    def _scope_of(self, target: str, headers: list[tuple[bytes, bytes]]) -> WebSocketScope:
        """What uvicorn makes of a handshake, and what a trusted proxy says of who sent it."""
        path, _, query = target.partition("?")
        root = self.config.root_path
        scope: WebSocketScope = {
            "type": "websocket",
            "asgi": {"version": self.config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": root,
            "path": root + unquote(path),
            "raw_path": root.encode("ascii") + path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "headers": headers,
            "subprotocols": [],
            "state": {},
            "extensions": {},
        }
        if self.config.proxy_headers:
            allowed = self.config.forwarded_allow_ips
            apply_forwarded_headers(
                allowed if isinstance(allowed, str) else tuple(allowed), cast(dict[str, Any], scope)
            )
        return scope

    def send_receive_event_to_app(self) -> None:
        super().send_receive_event_to_app()
        if self._stood and self.read_paused:  # it was heard already
            self.read_paused = False
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        if self._whole:  # as long as whole frames are all that ever came, what comes begins a frame
            if len(data) == PONG_BYTES and data.startswith(PONG):
                self._awaited = False
                return
            self._whole = is_short(data)
            if self._whole and self._stood and self._heard(data):
                return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            answer = b"".join(self.conn.data_to_send())
            self.transport.write(with_id(answer or UNREADABLE))
            self.transport.close()

    def _heard(self, data: bytes) -> bool:
        """One whole short frame on a socket that stands. False, before anything was done, for the library's."""
        if data[0] == CLOSE:
            if not self.close_sent:
                return False
            self.transport.close()  # the answer to ours
            return True
        try:
            text = unmasked(data).decode()
        except UnicodeDecodeError:
            return False
        if not self.close_sent:
            self.queue.put_nowait({"type": "websocket.receive", "text": text})
        return True

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101 and not self.conn.extensions:
            cast(dict[str, Any], self.scope["extensions"])[PUSH] = self

    async def send(self, message: ASGISendEvent) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            del self.request, self.response
            self._whole = True
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def handle_pong(self, event: Frame) -> None:
        self._awaited = False
        super().handle_pong(event)

    # -- the wire ----------------------------------------------------------------------------------------------------

    def push(self, text: bytes, asking: bool = False) -> bool:
        if self.close_sent or self.disconnected or self.transport.is_closing():
            return False
        head = head_of(text)
        if not asking or self._awaited:
            self.transport.write(head + text)
            return False
        self.transport.write(head + text + PING)
        self._awaited = True
        return True

    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def ping(self) -> None:
        if not self._awaited and not self._over():
            self._awaited = True
            self.transport.write(PING)

    def silent(self) -> bool:
        return self._awaited and not self._over()

    def end(self, code: int) -> None:
        if self._over():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        if self._library is None:
            self._code = code
            self.transport.write(CLOSING % code.to_bytes(2, "big"))
        else:
            self.conn.send_close(code)
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        loop = self._given[3] or asyncio.get_event_loop()
        self.close_timer = loop.call_later(self.close_timeout, self.transport.close)

    def abort(self) -> None:
        self.transport.abort()

    def _over(self) -> bool:
        return self.close_sent or self.disconnected or self.transport.is_closing()


def head_of(text: bytes) -> bytes:
    """What stands before a text in its frame."""
    size = len(text)
    return bytes((TEXT, size)) if size < 126 else LONG_TEXT + size.to_bytes(2, "big")


def is_short(data: bytes) -> bool:
    """Whether this is one whole text or close of a client, with its length in its second byte."""
    if len(data) < PONG_BYTES or data[0] not in (TEXT, CLOSE) or not data[1] & MASKED:
        return False
    size = data[1] & ~MASKED
    return size <= LONGEST_SHORT and len(data) == PONG_BYTES + size


def unmasked(data: bytes) -> bytes:
    """What a whole short frame says (RFC 6455, 5.3)."""
    mask, said = data[2:PONG_BYTES], data[PONG_BYTES:]
    key = (mask * (len(said) // 4 + 1))[: len(said)]
    return (int.from_bytes(said, "big") ^ int.from_bytes(key, "big")).to_bytes(len(said), "big")


def is_ordinary(method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether it is no longer than a handshake of a browser, and has no body."""
    if method != "GET" or len(headers) > MOST_LINES or len(target) > LONGEST_LINE or not target.isascii():
        return False
    return not any(len(value) > LONGEST_LINE or name in BODIES for name, value in headers)


def request_of(target: bytes, headers: list[tuple[bytes, bytes]]) -> Request:
    """A handshake with what the library looks at to judge it."""
    judged = Headers()
    for name, value in headers:
        known = JUDGED.get(name)
        if known is not None:
            judged[known] = value.decode("latin-1")
    return Request(target.decode("ascii"), judged)


def accept_of(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The answer to the key of a handshake as browsers send it (RFC 6455, 4.2); None for any other, which the library
    judges. Extensions and protocols that are offered are not taken."""
    key = headers.get(b"sec-websocket-key", b"")
    if (
        len(key) != KEY_LENGTH
        or _KEY.fullmatch(key) is None
        or headers.get(b"sec-websocket-version") != b"13"
    ):
        return None
    options = headers.get(b"connection", b"").lower().replace(b" ", b"").split(b",")
    if headers.get(b"upgrade", b"").lower() != b"websocket" or b"upgrade" not in options:
        return None
    return b64encode(hashlib.sha1(key + ACCEPTING, usedforsecurity=False).digest())
