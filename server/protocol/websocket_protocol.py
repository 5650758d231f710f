"""uvicorn's WebSocket protocol with what 0.54 lacks for sockets that stand by the thousand.

It waits for ever when the `websockets` library gives up on a handshake before it is one (a header line over 8 KiB, more
than 128 headers, a body): here that is answered (431 or 400) and closed. And a handshake that was refused with an
answer is complete: uvicorn would log an error for each, which anybody could cause.

A handshake comes parsed already, by the parser of all requests: it is not written out again for `websockets` to parse.
That library still judges it, and reads every frame.
"""

from typing import Any, Final, cast
from urllib.parse import unquote

from uvicorn._types import ASGISendEvent, WebSocketScope
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame
from websockets.http11 import Request

from server.protocol.http_protocol import apply_forwarded_headers, with_id
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._awaited = False
        self._whole = self._stood = False

    def take(self, method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
        """Answer a handshake that was parsed already. False, before anything was done, for one that is not ordinary."""
        request = ordinary(method, target, headers)
        if request is None:
            return False
        self.conn.receive_data(HEAD)
        self.conn.events_received()
        stands = getattr(self.config.app, "stand", None)
        if stands is None or not self._stand(stands, request, headers):
            self.handle_connect(request)
            if self.response.status_code == 101:
                self.scope["headers"] = headers
        return True

    def _stand(self, stands: Any, request: Request, headers: list[tuple[bytes, bytes]]) -> bool:
        """Without a task, if the application can tell at once that this socket stands."""
        response = self.conn.accept(request)
        if response.status_code != 101 or self.conn.extensions:
            return False
        opened = stands(self._scope_of(request, headers), self)
        if opened is None:
            return False
        self.handshake_initiated = self.handshake_complete = self._whole = self._stood = True
        self.queue, self.writable = opened, UNWAITED  # type: ignore[assignment]
        added = response.headers
        del added["Date"]
        for name, value in self.default_headers:
            added[name.decode("latin-1")] = value.decode("latin-1")
        added["X-Request-ID"] = opened.id_.decode()
        self.conn.send_response(response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        opened.begin()
        return True

    def _scope_of(self, request: Request, headers: list[tuple[bytes, bytes]]) -> WebSocketScope:
        """What uvicorn makes of a handshake, and what a trusted proxy says of who sent it."""
        path, _, query = request.path.partition("?")
        scope: WebSocketScope = {
            "type": "websocket",
            "asgi": {"version": self.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": self.scheme,
            "server": self.server,
            "client": self.client,
            "root_path": self.root_path,
            "path": self.root_path + unquote(path),
            "raw_path": self.root_path.encode("ascii") + path.encode("ascii"),
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
            self._whole = (
                data[0] == TEXT and len(data) > 1 and len(data) == PONG_BYTES + (data[1] & 0x7F) < 132
            )
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            answer = b"".join(self.conn.data_to_send())
            self.transport.write(with_id(answer or UNREADABLE))
            self.transport.close()

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
        size = len(text)
        head = bytes((TEXT, size)) if size < 126 else LONG_TEXT + size.to_bytes(2, "big")
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
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

    def abort(self) -> None:
        self.transport.abort()

    def _over(self) -> bool:
        return self.close_sent or self.disconnected or self.transport.is_closing()


def ordinary(method: str, target: bytes, headers: list[tuple[bytes, bytes]]) -> Request | None:
    """A handshake that is in every way ordinary, with what is judged of it; None for any other."""
    if method != "GET" or len(headers) > MOST_LINES or len(target) > LONGEST_LINE or not target.isascii():
        return None
    judged = Headers()
    for name, value in headers:
        known = JUDGED.get(name)
        if known is not None:
            judged[known] = value.decode("latin-1")
        if len(value) > LONGEST_LINE or name in BODIES:
            return None
    return Request(target.decode("ascii"), judged)
