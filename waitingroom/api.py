"""HTTP of the room: periods, tickets, position, public keys (`docs/contract.md`, Public).

The feed is `feed/endpoint.py`'s, joins and polls are `joins/endpoint.py`'s.
"""

from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.store import Period
from server.fast_path import FastRoute
from server.requests import Answer, Incoming, Respond, Work, incoming
from waitingroom.feed.endpoint import PATH, LiveFeed
from waitingroom.joins.endpoint import JoinEndpoint
from waitingroom.joins.proofs import Proofs
from waitingroom.leaves import Leaves
from waitingroom.line.looks import Looks
from waitingroom.parts import WaitingRoom
from waitingroom.period_cache import PeriodCache
from waitingroom.period_summary import Summaries, summary
from waitingroom.position_reader import PositionReader
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import Tokens


def answer(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json",
                    headers={"Cache-Control": "no-store"})  # fmt: skip


class RoomApi:
    """The handlers; `routes` lists them."""

    def __init__(
        self,
        *,
        periods: PeriodCache,
        positions: PositionReader,
        looks: Looks,
        tickets: Tickets,
        tokens: Tokens,
        proofs: Proofs,
        leaves: Leaves,
    ) -> None:
        self._periods, self._positions, self._looks, self._tickets = periods, positions, looks, tickets
        self._summaries = Summaries()
        self._tokens, self._proofs, self._leaves = tokens, proofs, leaves

    async def periods(self, request: Request) -> Response:
        return answer([await self._summary(period) for period in await self._periods.public()])

    def period(self, came: Incoming, respond: Respond) -> Work | None:
        """How a period stands. Without a task where its row and the look at its line are fresh."""
        period = self._positions.known(came.parameters["id"])
        if period is None:
            return partial(self._period, came)
        respond(Answer(200, self._summaries.text(period, self._looks.last(period.uid), now_ms())))
        return None

    async def _period(self, came: Incoming) -> Answer:
        period = await self._periods.find(came.parameters["id"])
        look = await self._looks.look(period)
        return Answer(200, self._summaries.text(period, look, now_ms()))

    async def _summary(self, period: Period) -> dict[str, object]:
        return summary(period, await self._looks.look(period), now_ms())

    async def _mine(self, request: Request) -> tuple[Period, Ticket]:
        period = await self._periods.find(request.path_params["id"])
        ticket = self._tickets.ticket_of(incoming(request), period)
        if ticket is None:
            raise Refusal(Code.NO_TICKET)
        return period, ticket

    async def challenge(self, request: Request) -> Response:
        """A proof of work to solve, where one is owed or will be (ADR 0012)."""
        period = await self._periods.find(request.path_params["id"])
        return answer(self._proofs.challenge(period))

    async def leave(self, request: Request) -> Response:
        await self._leaves.give_up(*await self._mine(request))
        return Response(status_code=204)

    async def jwks(self, request: Request) -> Response:
        return answer(self._tokens.jwks())


TICKETS = "/api/v1/periods/{id}/tickets"


def fast_routes(api: RoomApi, joins: JoinEndpoint) -> list[FastRoute]:
    """The calls that come by the thousand a second."""
    return [
        FastRoute("GET", "/api/v1/periods/{id}", api.period),
        FastRoute("POST", TICKETS, joins.handle),
        FastRoute("GET", f"{TICKETS}/me", joins.standing),
    ]


def of_room(room: WaitingRoom) -> RoomApi:
    """The handlers of this room."""
    return RoomApi(
        periods=room.periods,
        positions=room.positions,
        looks=room.looks,
        tickets=room.tickets,
        tokens=room.tokens,
        proofs=room.proofs,
        leaves=room.leaves,
    )


def routes(api: RoomApi, live: LiveFeed) -> list[BaseRoute]:
    """The other routes."""
    return [
        Route("/api/v1/periods", api.periods),
        Route("/api/v1/periods/{id}/challenge", api.challenge),
        Route(f"{TICKETS}/me", api.leave, methods=["DELETE"]),
        WebSocketRoute(PATH, live),
        Route("/.well-known/jwks.json", api.jwks),
    ]
