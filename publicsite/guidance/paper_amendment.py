"""`/documents-utiles/modification`: the form of an amendment on paper, empty, for everybody (PM-04, LG-02)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.representatives.pages import MAIL_TO
from casework.amendments.states import DAYS
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

    def __init__(self, render: Render) -> None:
        self.render = render

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route(PAPER, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The form, to print."""
        return self.render(request, "amendment_paper.html", changes=CHANGES, days=DAYS, mail_to=MAIL_TO)
