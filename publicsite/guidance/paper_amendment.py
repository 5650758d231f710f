"""`/documents-utiles/modification`: the form of an amendment on paper, empty, for everybody (PM-04, LG-02)."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.representatives.pages import COUNTRY
from casework.amendments.states import DAYS
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from quota.offices.office_addresses import OfficeUse
from quota.programmes import Programme, office_of_all
from server.rendering.templating import Render

PAPER: Final = "/documents-utiles/modification"

CHANGES: Final = (
    "une personne à charge s’ajoute à ma demande",
    "mon état matrimonial a changé",
    "mon adresse a changé",
    "un autre renseignement a changé",
)
"""What can be ticked; the same form serves for one's own application and for one's spouse's."""


class PaperAmendmentPages:
    """The one handler."""

    def __init__(self, render: Render, programmes: Mapping[str, Programme]) -> None:
        self.render, self.programmes = render, programmes

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route(PAPER, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The form, to print."""
        found = office_of_all(self.programmes, OfficeUse.DOCUMENTS, day_of(now_ms()))
        mail_to = [] if found is None else [*found.lines, COUNTRY]
        return self.render(request, "amendment_paper.html", changes=CHANGES, days=DAYS, mail_to=mail_to)
