"""« Qui a consulté votre dossier »: who of the staff had to do with an account's file, for its owner (P16)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.events import looks
from accounts.pages import SignInPages
from server.rendering.templating import Render


class LooksPages:
    """The handler: for the account that is signed in alone."""

    def __init__(self, sign_in: SignInPages, render: Render) -> None:
        self.sign_in, self.render = sign_in, render

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/compte/consultations", self.looks, methods=["GET"])]

    async def looks(self, request: Request) -> Response:
        """Who looked at this account's file, in what role, the newest first."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        found = await self.sign_in.services.db.read(lambda conn: looks.of_account(conn, session.owner))
        return self.render(request, "looks.html", session=session, looks=found)
