"""HTTP and WebSocket of the room: periods, tickets, position, live feed, public keys (`docs/contract.md`, Public)."""

import asyncio
import contextlib

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from quota.errors import Refusal, Unavailable
from quota.store import Period
from waitingroom.feed import Feed, Frame, Watcher
from waitingroom.joins import JoinBody, Joins, asked_of
from waitingroom.requests import json_body, set_cookie
from waitingroom.room import Room
from waitingroom.tickets import COOKIE_SECONDS, Ticket

SEND_SECONDS = 10.0
"""A reader that has not taken a frame for this long is dropped; its place stays."""

MOST_MESSAGES = 20
"""Clients have nothing to say; whoever says this much is closed."""


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json",
                    headers={"Cache-Control": "no-store"})  # fmt: skip


class Api:
    """The handlers; `routes` lists them."""

    def __init__(self, room: Room, feed: Feed, joins: Joins) -> None:
        self.room, self.feed, self.joins = room, feed, joins

    async def periods(self, request: Request) -> Response:
        periods = await self.room.periods()
        for period in periods:
            await self.room.look(period)
        return answer([self.room.summary(period) for period in periods])

    async def period(self, request: Request) -> Response:
        period = await self.room.period(request.path_params["id"])
        await self.room.look(period)
        return answer(self.room.summary(period))

    async def join(self, request: Request) -> Response:
        period = await self.room.period(request.path_params["id"])
        body = await json_body(request, JoinBody)
        joined = await self.joins.number(period, asked_of(request, self.room, period, body.device))
        me = await self.room.welcome(period, joined)
        response = answer({**msgspec.to_builtins(me), "ticket": joined.text}, 200 if joined.existed else 201)
        set_cookie(
            response, f"ticket-{period.id}", joined.text, secure=self.joins.secure, max_age=COOKIE_SECONDS
        )
        return response

    async def _mine(self, request: Request) -> tuple[Period, Ticket]:
        period = await self.room.period(request.path_params["id"])
        ticket = self.room.ticket_of(request, period)
        if ticket is None:
            raise Refusal("no_ticket")
        return period, ticket

    async def me(self, request: Request) -> Response:
        return answer(await self.room.me(*await self._mine(request)))

    async def leave(self, request: Request) -> Response:
        await self.room.leave(*await self._mine(request))
        return Response(status_code=204)

    async def jwks(self, request: Request) -> Response:
        return answer(self.room.tokens.jwks())

    # -- live --------------------------------------------------------------------------------------------------------

    async def live(self, socket: WebSocket) -> None:
        """One person's feed. Foreign origins never get here: the frame refuses the handshake."""
        try:
            period = await self.room.period(socket.path_params["id"])
        except Refusal as refusal:
            await socket.accept()
            await socket.close(4404 if refusal.code == "not_found" else 1013)
            return
        ticket = self.room.ticket_of(socket, period)
        await socket.accept()
        if ticket is None:
            await socket.close(4401)
            return
        if not await self.feed.admit(ticket):
            await socket.close(4429)
            return
        try:
            await self._serve(socket, period, ticket)
        finally:
            await self.feed.dismiss(ticket)

    async def _serve(self, socket: WebSocket, period: Period, ticket: Ticket) -> None:
        """Until either side ends it. A reader that takes no frames is cut off: it could not be told of a call."""
        watcher = Watcher(period.id, ticket)
        self.feed.add(watcher)
        sender = asyncio.create_task(self._send(socket, watcher))
        listener = asyncio.create_task(self._listen(socket, watcher))
        try:
            with contextlib.suppress(Unavailable):  # the feed tells them when the store is back
                watcher.offer(await self.room.me(period, ticket))
            await asyncio.wait((sender, listener), return_when=asyncio.FIRST_COMPLETED)
            if (
                listener.done() or sender.result()
            ):  # the close is said; what is left is the other side's answer
                await listener
        finally:
            self.feed.remove(watcher)
            for task in (sender, listener):
                task.cancel()
            await asyncio.gather(sender, listener, return_exceptions=True)

    async def _listen(self, socket: WebSocket, watcher: Watcher) -> None:
        for _ in range(MOST_MESSAGES):
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("bytes") is not None:
                watcher.close(1003)
        watcher.close(1008)
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    async def _send(self, socket: WebSocket, watcher: Watcher) -> bool:
        """Whether the close was said at the end; False when the reader was lost."""
        encode = msgspec.json.Encoder().encode
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            while True:
                frame: Frame | None = await watcher.next()
                async with asyncio.timeout(SEND_SECONDS):
                    if frame is not None:
                        await socket.send_text(encode(frame).decode())
                    if watcher.closing is not None:
                        await socket.close(watcher.closing)
                        return True
        return False


def routes(room: Room, feed: Feed, joins: Joins) -> list[BaseRoute]:
    """The routes. `joins` knows what each programme allows, and whether cookies go over TLS only."""
    api = Api(room, feed, joins)
    tickets = "/api/v1/periods/{id}/tickets"
    return [
        Route("/api/v1/periods", api.periods),
        Route("/api/v1/periods/{id}", api.period),
        Route(tickets, api.join, methods=["POST"]),
        Route(f"{tickets}/me", api.me),
        Route(f"{tickets}/me", api.leave, methods=["DELETE"]),
        WebSocketRoute("/api/v1/periods/{id}/live", api.live),
        Route("/.well-known/jwks.json", api.jwks),
    ]
