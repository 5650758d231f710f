"""`WS /api/v1/periods/{id}/live`: one person's feed, as a plain ASGI application.

Tens of thousands of these wait at once, so what waits is small: one coroutine that hears when the other side goes, and
a `Watcher` that the feed writes to. No task, no queue and nothing of the handshake stays behind.
"""

import asyncio
import contextlib
import time
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from foundation.errors import Code, Refusal, Unavailable
from server.requests import Incoming
from waitingroom.feed.feed import Feed
from waitingroom.feed.watcher import Watcher
from waitingroom.room import Room
from waitingroom.tickets import Ticket

PATH: Final = "/api/v1/periods/{id}/live"

PUSH: Final = "guichet.push"
"""The scope's extension in which a server offers its `Wire`."""

MOST_MESSAGES: Final = 20
"""Clients have nothing to say but that nobody looks; whoever says this much else is closed."""

SEEN: Final = {"hidden": False, "visible": True}
"""What the page of a tab says of itself, at most each so many seconds."""

SEEN_SECONDS: Final = 0.5

SEND_SECONDS = 10.0
"""A reader that has not taken a frame for this long is dropped; its place stays."""


class LiveFeed:
    """The application. `scope["path_params"]` names the period.

    Foreign origins never get here: whatever stands before refuses the handshake.
    """

    def __init__(self, room: Room, feed: Feed) -> None:
        self.room, self.feed = room, feed

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

    async def _judge(self, scope: Scope) -> tuple[int, Ticket | None]:
        """The ticket that comes with this handshake, or the code to close it with."""
        try:
            period = await self.room.period(scope["path_params"]["id"])
        except Refusal as refusal:
            return 4404 if refusal.code == Code.NOT_FOUND else 1013, None
        ticket = self.room.ticket_of(Incoming(scope), period)
        if ticket is None:
            return 4401, None
        # An entry, or a number that owes a proof: nothing moves before the draw or the proof, and a poll says so.
        if not ticket.number or ticket.owes:
            return 1013, None
        return (0, ticket) if await self.feed.admit(ticket) else (4429, None)

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
            await self.feed.dismiss(watcher.ticket)

    async def _first(self, watcher: Watcher) -> None:
        """What it is told at once, whatever the state."""
        with contextlib.suppress(Unavailable, Refusal):  # the feed tells them when the store is back
            watcher.offer(await self.room.me(await self.room.period(watcher.period), watcher.ticket))
            watcher.part()

    async def _listen(self, watcher: Watcher, receive: Receive) -> None:
        left, said_at = MOST_MESSAGES, -SEEN_SECONDS
        while (message := await receive())["type"] != "websocket.disconnect":
            seen, now = SEEN.get(message.get("text") or ""), time.monotonic()
            if seen is not None:
                watcher.hidden = not seen
                left += now - said_at >= SEEN_SECONDS
                said_at = now
            left -= 1
            if message.get("bytes") is not None:
                watcher.close(1003)
            elif not left:
                watcher.close(1008)


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
