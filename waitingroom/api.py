"""HTTP of the room: periods, tickets, position, public keys (`docs/contract.md`, Public). The feed is `live.py`'s."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.store import Period
from server.requests import json_body, set_cookie
from waitingroom.feed.endpoint import PATH, LiveFeed
from waitingroom.joins import JoinBody, Joins, asked_of
from waitingroom.room import Room
from waitingroom.tickets import COOKIE_SECONDS, Ticket


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json",
                    headers={"Cache-Control": "no-store"})  # fmt: skip


class RoomApi:
    """The handlers; `routes` lists them."""

    def __init__(self, room: Room, joins: Joins) -> None:
        self.room, self.joins = room, joins

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
        joined = await self.joins.number(
            period, asked_of(request, self.room, period, body.device, body.proof)
        )
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
            raise Refusal(Code.NO_TICKET)
        return period, ticket

    async def challenge(self, request: Request) -> Response:
        """A proof of work to solve, for whoever owes one or will (ADR 0012)."""
        period = await self.room.period(request.path_params["id"])
        return answer(self.room.proofs.challenge(period.uid, now_ms()))

    async def me(self, request: Request) -> Response:
        return answer(await self.room.standing(*await self._mine(request)))

    async def leave(self, request: Request) -> Response:
        await self.room.leaves.give_up(*await self._mine(request))
        return Response(status_code=204)

    async def jwks(self, request: Request) -> Response:
        return answer(self.room.tokens.jwks())


def routes(room: Room, live: LiveFeed, joins: Joins) -> list[BaseRoute]:
    """The routes. `joins` knows what each programme allows, and whether cookies go over TLS only."""
    api = RoomApi(room, joins)
    tickets = "/api/v1/periods/{id}/tickets"
    return [
        Route("/api/v1/periods", api.periods),
        Route("/api/v1/periods/{id}", api.period),
        Route(tickets, api.join, methods=["POST"]),
        Route(f"{tickets}/me", api.me),
        Route("/api/v1/periods/{id}/challenge", api.challenge),
        Route(f"{tickets}/me", api.leave, methods=["DELETE"]),
        WebSocketRoute(PATH, live),
        Route("/.well-known/jwks.json", api.jwks),
    ]
