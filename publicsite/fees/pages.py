"""`/frais`: « Frais et modes de paiement », made of the fee tables of the programmes (PY-08). The same for
everybody."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.payments.states import INSTRUMENTS, POSTAL
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.money import dollars
from publicsite.fees.tariffs import all_tariffs, without_fees
from quota.programmes import Programme
from server.rendering.templating import Render, day_words


class FeePages:
    """The handler."""

    def __init__(self, render: Render, programmes: Mapping[str, Programme]) -> None:
        self.render, self.programmes = render, programmes

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/frais", self.fees, methods=["GET"])]

    async def fees(self, request: Request) -> Response:
        """What each programme costs, by the day of the submission, and how it is paid."""
        return self.render(
            request, "frais.html", tariffs=all_tariffs(self.programmes.values(), day_of(now_ms())),
            without_fees=without_fees(self.programmes.values()),
            postal=[INSTRUMENTS[one] for one in POSTAL], dollars=dollars, day=day_words,
        )  # fmt: skip
