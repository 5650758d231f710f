"""`WS /api/v1/periods/{id}/live`: one person's feed, as a plain ASGI application.

Tens of thousands of these wait at once, so what waits is small: a `Watcher` that the feed writes to, and a `LiveSocket`
that hears what becomes of the connection. Of whom more has to be asked first a coroutine waits instead.
"""

import asyncio
import contextlib
import time
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.requests import Incoming
from server.wire import PUSH, WireProtocol
from waitingroom.feed.feed import Feed
from waitingroom.feed.position_frames import LastFrames
from waitingroom.feed.socket_counts import SocketCounts
from waitingroom.feed.states import CloseCode
from waitingroom.feed.watcher import Watcher
from waitingroom.period_cache import PeriodCache
from waitingroom.position_reader import PositionReader
from waitingroom.tickets import Ticket, Tickets

PATH: Final = "/api/v1/periods/{id}/live"

MOST_MESSAGES: Final = 20
"""Clients have nothing to say but whether their tab is seen; one that says this much else is closed."""

SEEN: Final = {"hidden": False, "visible": True}
"""What the page of a tab says of itself, at most each so many seconds."""

SEEN_SECONDS: Final = 0.5

SEND_SECONDS = 10.0
"""A reader that has not taken a frame for this long is dropped; its place stays."""


SHARED_MS: Final = 20
"""First frames of so many milliseconds share what is the same in them: their clock is late by as much at most."""


class LiveFeed:
    """The application. `scope["path_params"]` names the period.

    Foreign origins never get here: the checks before it refuse the handshake.
    """

    def __init__(
        self,
        periods: PeriodCache,
        tickets: Tickets,
        positions: PositionReader,
        counts: SocketCounts,
        feed: Feed,
    ) -> None:
        self._periods, self._tickets, self._positions = periods, tickets, positions
        self._counts, self.feed = counts, feed
        self._frames = LastFrames()

    def stand(self, came: Incoming, wire: WireProtocol) -> "LiveSocket | None":
        """A socket of somebody whose place can be told at once; None for any other: then `open` asks what there is."""
        period = self._periods.fresh(came.parameters["id"])
        ticket = None if period is None else self._tickets.ticket_of(came, period)
        if period is None or ticket is None or not ticket.number or ticket.owes:
            return None
        standing = self._positions.sure(period, ticket.number)
        if standing is None:
            return None
        watcher = Watcher(period.id, ticket, wire)
        frames = self._frames.at(period, standing.look, now_ms() // SHARED_MS * SHARED_MS)
        first = watcher.position(frames, standing.ahead, due=True)
        socket = LiveSocket(self, watcher, first or b"")
        if not self._counts.enter(ticket, socket.is_too_many):
            return None
        self._positions.note(period, ticket)
        return socket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watcher = await self.open(scope, receive, send)
        if watcher is not None:
            await self.stay(watcher, receive)

    async def open(self, scope: Scope, receive: Receive, send: Send) -> Watcher | None:
        """Take the handshake. A watcher that is counted and must `stay`, or None for a socket that was closed."""
        await receive()
        await send({"type": "websocket.accept"})
        code, ticket = await self._judge(scope)
        if ticket is None:
            await send({"type": "websocket.close", "code": code})
            return None
        wire = scope.get("extensions", {}).get(PUSH) or AsgiWire(send)
        return Watcher(scope["path_params"]["id"], ticket, wire)

    async def _judge(self, scope: Scope) -> tuple[CloseCode | None, Ticket | None]:
        """The ticket that comes with this handshake, or the code to close it with."""
        try:
            period = await self._periods.find(scope["path_params"]["id"])
        except Refusal as refusal:
            return CloseCode.NOT_FOUND if refusal.code == Code.NOT_FOUND else CloseCode.TRY_AGAIN, None
        ticket = self._tickets.ticket_of(Incoming(scope), period)
        if ticket is None:
            return CloseCode.NO_TICKET, None
        # An entry, or a number that owes a proof: nothing moves before the draw or the proof, and a poll says so.
        if not ticket.number or ticket.owes:
            return CloseCode.TRY_AGAIN, None
        if not await self._counts.admit(ticket):
            return CloseCode.TOO_MANY_SOCKETS, None
        return None, ticket

    async def stay(self, watcher: Watcher, receive: Receive) -> None:
        """Until either side ends it."""
        self.feed.add(watcher)
        try:
            await self._first(watcher)
            await self._listen(watcher, receive)
        except asyncio.CancelledError:
            if not (isinstance(watcher.wire, AsgiWire) and watcher.wire.cut):
                raise
        finally:
            self.feed.remove(watcher)
            await self._counts.dismiss(watcher.ticket)

    async def _first(self, watcher: Watcher) -> None:
        """What it is told at once, whatever the state."""
        with contextlib.suppress(Unavailable, Refusal):  # the feed tells them when the store is back
            watcher.offer(await self._positions.me(await self._periods.find(watcher.period), watcher.ticket))
            watcher.part()
        self.feed.check(watcher)

    async def _listen(self, watcher: Watcher, receive: Receive) -> None:
        said = Said()
        while (message := await receive())["type"] != "websocket.disconnect":
            said.hear(watcher, message.get("text"))

    def left(self, watcher: Watcher) -> None:
        """The end of a socket without a task."""
        self.feed.remove(watcher)
        self._counts.leave(watcher.ticket)


class Said:
    """What a client has said over one socket: how much more it may say, and when its page last told of itself."""

    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left, self._at = MOST_MESSAGES, -SEEN_SECONDS

    def hear(self, watcher: Watcher, text: str | None) -> None:
        """One message; None for one that is no text."""
        seen, now = SEEN.get(text or ""), time.monotonic()
        if seen is not None:
            watcher.hidden = not seen
            self._left += now - self._at >= SEEN_SECONDS
            self._at = now
        self._left -= 1
        if text is None:
            watcher.close(CloseCode.NOT_TEXT)
        elif not self._left:
            watcher.close(CloseCode.TOO_MUCH_SAID)


class LiveSocket(Said):
    """A socket without a task, as the server knows it."""

    __slots__ = ("_first", "_live", "_watcher")

    def __init__(self, live: LiveFeed, watcher: Watcher, first: bytes) -> None:
        super().__init__()
        self._live, self._watcher, self._first = live, watcher, first

    def begin(self) -> bytes:
        self._live.feed.add(self._watcher)
        first, self._first = self._first, b""
        return first

    def heard(self, text: str | None) -> None:
        self.hear(self._watcher, text)

    def gone(self) -> None:
        self._live.left(self._watcher)

    def is_too_many(self) -> None:
        """The line knows of enough sockets of this number, over all processes."""
        self._watcher.close(CloseCode.TOO_MANY_SOCKETS)


class AsgiWire:
    """A wire for any ASGI server: its `send` waits for the reader, so a task of its own does that, in order."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._handler = asyncio.current_task()
        self._queue: list[Message] = []
        self._sending: asyncio.Task[None] | None = None
        self.cut = False

    def push(self, text: bytes, asking: bool = False) -> bool:
        self._put({"type": "websocket.send", "text": text.decode()})
        return asking

    def end(self, code: int) -> None:
        self._put({"type": "websocket.close", "code": code})

    def unsent(self) -> int:
        return sum(len(message.get("text", "")) for message in self._queue)

    def ping(self) -> None:
        pass  # such a server pings by itself

    def silent(self) -> bool:
        return False

    def abort(self) -> None:
        if self._handler is not None and not self.cut:
            self.cut = True
            self._handler.cancel()

    def _put(self, message: Message) -> None:
        self._queue.append(message)
        if self._sending is None:
            self._sending = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue and not self.cut:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send(self._queue[0])
                del self._queue[0]
        except Exception:
            self.abort()
        finally:
            self._sending = None
