"""What everybody is told: which periods there are, and how accessible the service is."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from foundation.clock import now_ms
from quota.store import Period
from server.requests import incoming
from server.templating import Render
from waitingroom import states
from waitingroom.device import DEFAULT, Allowed
from waitingroom.device_evidence import device_of
from waitingroom.pages import with_visitor
from waitingroom.room import Room


class PublicPages:
    """The handlers. By programme id, `programmes` has its French name and `devices` what it allows; `secure` marks
    cookies behind TLS."""

    def __init__(
        self, room: Room, render: Render, programmes: Mapping[str, str], devices: Allowed, secure: bool
    ) -> None:
        self.room = room
        self.render = render
        self.programmes = programmes
        self.devices = devices
        self.secure = secure

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/accessibilite", self.accessibility, methods=["GET"]),
        ]

    async def home(self, request: Request) -> Response:
        """Which periods there are. From here a browser may join, so it gets its visitor cookie."""
        return await self._list(request, 200)

    async def unknown_period(self, request: Request) -> Response:
        """The same with status 404: the period that was asked for is not among them."""
        return await self._list(request, 404)

    async def accessibility(self, request: Request) -> Response:
        """The accessibility statement, with the real-time exception (WCAG 2.2.1) and the accommodation."""
        return self.render(request, "accessibilite.html")

    async def _list(self, request: Request, status: int) -> Response:
        now = now_ms()
        periods = await self.room.periods()
        for period in periods:
            await self.room.look(period)
        listed = [self._listed(request, period, now) for period in periods]
        answer = self.render(
            request, "accueil.html", status=status, listed=listed, missing=status == 404,
            devices=states.DEVICES,
        )  # fmt: skip
        return with_visitor(self.room.tickets, request, answer, self.secure)

    def _listed(self, request: Request, period: Period, now: int) -> dict[str, Any]:
        """What the page shows of one period."""
        came = incoming(request)
        return {
            "period": period,
            "name": self.programmes.get(period.programme, period.programme),
            "state": states.before_ticket(period, now),
            "waiting": self.room.summary(period)["waiting"],
            "has_ticket": self.room.ticket_of(came, period) is not None,
            "verdict": device_of(came, None, self.devices.get(period.programme, DEFAULT)),
        }
