"""HTTP of the room: periods, tickets, position, public keys (`docs/contract.md`, Public). The feed is `live.py`'s."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.store import Period
from server.fast_path import FastRoute
from server.requests import incoming
from waitingroom.feed.endpoint import PATH, LiveFeed
from waitingroom.joins import Joins
from waitingroom.room import Room
from waitingroom.tickets import Ticket


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json",
                    headers={"Cache-Control": "no-store"})  # fmt: skip


class RoomApi:
    """The handlers; `routes` lists them."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def periods(self, request: Request) -> Response:
        periods = await self.room.periods()
        for period in periods:
            await self.room.look(period)
        return answer([self.room.summary(period) for period in periods])

    async def period(self, request: Request) -> Response:
        period = await self.room.period(request.path_params["id"])
        await self.room.look(period)
        return answer(self.room.summary(period))

    async def _mine(self, request: Request) -> tuple[Period, Ticket]:
        period = await self.room.period(request.path_params["id"])
        ticket = self.room.ticket_of(incoming(request), period)
        if ticket is None:
            raise Refusal(Code.NO_TICKET)
        return period, ticket

    async def challenge(self, request: Request) -> Response:
        """A proof of work to solve, for whoever owes one or will (ADR 0012)."""
        period = await self.room.period(request.path_params["id"])
        return answer(self.room.proofs.challenge(period.uid, now_ms()))

    async def leave(self, request: Request) -> Response:
        await self.room.leaves.give_up(*await self._mine(request))
        return Response(status_code=204)

    async def jwks(self, request: Request) -> Response:
        return answer(self.room.tokens.jwks())


TICKETS = "/api/v1/periods/{id}/tickets"


def fast_routes(joins: Joins) -> list[FastRoute]:
    """The calls that come by the thousand a second."""
    return [FastRoute("POST", TICKETS, joins.handle), FastRoute("GET", f"{TICKETS}/me", joins.standing)]


def routes(room: Room, live: LiveFeed) -> list[BaseRoute]:
    """The other routes."""
    api = RoomApi(room)
    return [
        Route("/api/v1/periods", api.periods),
        Route("/api/v1/periods/{id}", api.period),
        Route("/api/v1/periods/{id}/challenge", api.challenge),
        Route(f"{TICKETS}/me", api.leave, methods=["DELETE"]),
        WebSocketRoute(PATH, live),
        Route("/.well-known/jwks.json", api.jwks),
    ]
