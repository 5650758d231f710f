"""uvicorn's WebSocket protocol with what 0.54 lacks for sockets that stand by the thousand.

It waits for ever when the `websockets` library gives up on a handshake before it is one (a header line over 8 KiB, more
than 128 headers, a body): here that is answered (431 or 400) and closed. And a handshake that was refused with an
answer is complete: uvicorn would log an error for each, which anybody could cause.
"""

from typing import Any, Final, cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from server.protocol.http_protocol import with_id
from server.wire import PUSH

UNREADABLE: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

PING: Final = b"\x89\x00"

PONG: Final = b"\x8a\x80"

PONG_BYTES: Final = 6
"""A ping that carries nothing, and its answer: two bytes and the mask."""

TEXT: Final = 0x81
"""How a text in one frame begins."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """For `uvicorn.Config(ws=Sockets)`.

    It offers itself in the scope as the feed's wire: frames are written at once, without a
    task that waits, and a sign of life is asked for when the feed says so, without a timer for each connection. And it
    forgets its handshake when that is done.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._awaited = False
        self._whole = False

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
        if self._over():
            return False
        asks = asking and not self._awaited
        size = len(text)
        head = bytes((0x81, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")
        self.transport.write(head + text + PING if asks else head + text)
        if asks:
            self._awaited = True
        return asks

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
