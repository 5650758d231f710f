"""What everybody is told: which periods there are, and how accessible the service is."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from foundation.clock import now_ms
from quota.frozen_rules import devices_of, name_of
from quota.store import Period
from server.fast_path import FastRoute
from server.rendering.page_answers import SharedPages
from server.rendering.templating import Render
from server.requests import Answer, Incoming, Respond, Work
from waitingroom import states
from waitingroom.device import DEFAULT, Allowed
from waitingroom.device_evidence import device_of
from waitingroom.pages import visitor_cookie
from waitingroom.parts import WaitingRoom


class PublicPages:
    """The handlers. By programme id, `programmes` has its French name and `devices` what it allows; `secure` marks
    cookies behind TLS."""

    def __init__(
        self,
        room: WaitingRoom,
        render: Render,
        programmes: Mapping[str, str],
        devices: Allowed,
        secure: bool,
    ) -> None:
        self.periods, self.looks, self.tickets = room.periods, room.looks, room.tickets
        self.positions = room.positions
        self.render = render
        self.programmes = programmes
        self.devices = devices
        self.secure = secure
        self._shared = SharedPages()

    def fast_routes(self) -> list[FastRoute]:
        """What a crowd asks for."""
        return [FastRoute("GET", "/", self.home)]

    def routes(self) -> list[BaseRoute]:
        """The other routes."""
        return [Route("/accessibilite", self.accessibility, methods=["GET"])]

    def home(self, came: Incoming, respond: Respond) -> Work | None:
        """Which periods there are. From here a browser may join, so it gets its visitor cookie."""
        periods = self.positions.all_known()
        if periods is None:
            return partial(self._asked, came, 200)
        respond(self._list(came, periods, 200))
        return None

    async def unknown_period(self, came: Incoming) -> Answer:
        """The same with status 404: the period that was asked for is not among them."""
        return await self._asked(came, 404)

    async def accessibility(self, request: Request) -> Response:
        """The accessibility statement, with the real-time exception (WCAG 2.2.1) and the accommodation."""
        return self.render(request, "accessibilite.html")

    async def _asked(self, came: Incoming, status: int) -> Answer:
        periods = await self.periods.public()
        for period in periods:
            await self.looks.look(period)
        return self._list(came, periods, status)

    def _list(self, came: Incoming, periods: list[Period], status: int) -> Answer:
        now = now_ms()
        listed = [self._listed(came, period, now) for period in periods]
        key = status, *((one["state"], one["has_ticket"], *one["seen"]) for one in listed)
        basis = *periods, *(self.looks.last(period.uid) for period in periods)

        def render() -> str:
            return self.render.text(
                "accueil.html", listed=listed, missing=status == 404, devices=states.DEVICES
            )

        visitor = visitor_cookie(self.tickets, came, self.secure)
        return self._shared.answer(came, key, basis, render, status, visitor)

    def _listed(self, came: Incoming, period: Period, now: int) -> dict[str, Any]:
        """What the page shows of one period; of the verdict, all that it shows is `seen`."""
        look = self.looks.last(period.uid)
        verdict = device_of(came, None, devices_of(period, self.devices.get(period.programme, DEFAULT)))
        return {
            "period": period,
            "name": name_of(period, self.programmes),
            "state": states.before_ticket(period, now),
            "waiting": look.snapshot.waiting if look else 0,
            "has_ticket": self.tickets.ticket_of(came, period) is not None,
            "verdict": verdict,
            "seen": (verdict.allowed, verdict.family, verdict.rule),
        }
