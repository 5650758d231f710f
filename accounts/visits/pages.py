"""The button that lengthens a session. It opens a page of its own, so that no form is left with what is typed in it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.pages import Destinations
from accounts.services import AccountServices
from accounts.visits.renewal import renew
from foundation.errors import Code, Refusal
from server.rendering.templating import Render
from server.requests import form_body


class VisitPages:
    """The handlers. `destinations` say where a sign-in may lead."""

    def __init__(self, services: AccountServices, render: Render, destinations: Destinations) -> None:
        self.services, self.render, self.destinations = services, render, destinations

    def routes(self) -> list[BaseRoute]:
        return [Route("/session/prolonger", self.renew, methods=["POST"])]

    async def renew(self, request: Request) -> Response:
        """Until when the session lasts now, or that it has ended and what to do, without losing anything."""
        then = self.destinations.safe((await form_body(request)).get("suite", ""))
        try:
            session = await renew(self.services, request)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            return self.render(request, "session_renewed.html", 401, session=None, then=then)
        return self.render(request, "session_renewed.html", session=session, then=then)
