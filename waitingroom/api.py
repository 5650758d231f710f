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
from waitingroom.device import DEFAULT, Allowed
from waitingroom.feed import Feed, Frame, Watcher
from waitingroom.requests import Probe, client_address, device_of, json_body, set_cookie
from waitingroom.room import Joined, Room
from waitingroom.tickets import COOKIE_SECONDS, Ticket

SEND_SECONDS = 10.0
"""A reader that has not taken a frame for this long is dropped; its place stays."""

MOST_MESSAGES = 20
"""Clients have nothing to say; whoever says this much is closed."""

LEAST_KEY, MOST_KEY = 22, 255
"""An idempotency key is a place: 128 random bits are 22 characters at least."""


class JoinBody(msgspec.Struct):
    device: Probe | None = None


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json",
                    headers={"Cache-Control": "no-store"})  # fmt: skip


def idempotency_key(request: Request, room: Room) -> str | None:
    """The hash of the request's Idempotency-Key, or None. Refusal `invalid` for one that could be guessed."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not LEAST_KEY <= len(key) <= MOST_KEY or not key.isascii():
        raise Refusal(
            "invalid",
            fields=[{"name": "Idempotency-Key", "reason": "de 22 à 255 caractères ASCII aléatoires"}],
        )
    return room.tickets.key(key)


class Api:
    """The handlers; `routes` lists them."""

    def __init__(self, room: Room, feed: Feed, devices: Allowed, secure: bool) -> None:
        self.room, self.feed, self.devices, self.secure = room, feed, devices, secure

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
        joined = await self._join(request, period, body.device)
        me = await self.room.welcome(period, joined)
        response = answer({**msgspec.to_builtins(me), "ticket": joined.text}, 200 if joined.existed else 201)
        set_cookie(response, f"ticket-{period.id}", joined.text, secure=self.secure, max_age=COOKIE_SECONDS)
        return response

    async def _join(self, request: Request, period: Period, probe: Probe | None) -> Joined:
        """Limit, device (DV-02), then the number: what the page's form does too."""
        self.room.limits.spend(client_address(request))
        verdict = device_of(request, probe, self.devices.get(period.programme, DEFAULT))
        if not verdict.allowed:
            raise Refusal("device_refused", family=verdict.family)
        key = idempotency_key(request, self.room)
        return await self.room.join(
            period, self.room.ticket_of(request, period), key, self.room.visitor_of(request)
        )

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


def routes(room: Room, feed: Feed, devices: Allowed, secure: bool) -> list[BaseRoute]:
    """The routes. `devices` has what each programme allows; `secure` marks cookies behind TLS."""
    api = Api(room, feed, devices, secure)
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
