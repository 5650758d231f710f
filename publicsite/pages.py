"""What everybody is told: which periods there are, and how accessible the service is."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from foundation.clock import now_ms
from quota.frozen_rules import devices_of, name_of
from quota.store import Period
from server.rendering.templating import Render
from server.requests import incoming
from waitingroom import states
from waitingroom.device import DEFAULT, Allowed
from waitingroom.device_evidence import device_of
from waitingroom.line.looks import Look, Looks
from waitingroom.pages import with_visitor
from waitingroom.period_cache import PeriodCache
from waitingroom.tickets import Tickets


class PublicPages:
    """The handlers. By programme id, `programmes` has its French name and `devices` what it allows; `secure` marks
    cookies behind TLS."""

    def __init__(
        self,
        periods: PeriodCache,
        looks: Looks,
        tickets: Tickets,
        render: Render,
        programmes: Mapping[str, str],
        devices: Allowed,
        secure: bool,
    ) -> None:
        self.periods, self.looks, self.tickets = periods, looks, tickets
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
        listed = [
            self._listed(request, period, await self.looks.look(period), now)
            for period in await self.periods.public()
        ]
        answer = self.render(
            request, "accueil.html", status=status, listed=listed, missing=status == 404,
            devices=states.DEVICES,
        )  # fmt: skip
        return with_visitor(self.tickets, request, answer, self.secure)

    def _listed(self, request: Request, period: Period, look: Look | None, now: int) -> dict[str, Any]:
        """What the page shows of one period."""
        came = incoming(request)
        return {
            "period": period,
            "name": name_of(period, self.programmes),
            "state": states.before_ticket(period, now),
            "waiting": look.snapshot.waiting if look else 0,
            "has_ticket": self.tickets.ticket_of(came, period) is not None,
            "verdict": device_of(came, None, devices_of(period, self.devices.get(period.programme, DEFAULT))),
        }
