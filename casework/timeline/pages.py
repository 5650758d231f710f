"""The page of an account's timeline."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from casework.timeline import timeline
from casework.timeline.timeline import Source
from server.rendering.templating import Render


class TimelinePages:
    """The handler: for the account that is signed in alone, whatever period is open."""

    def __init__(self, sign_in: SignInPages, render: Render, sources: Sequence[Source]) -> None:
        self.sign_in, self.render, self.sources = sign_in, render, sources

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/compte/suivi", self.timeline, methods=["GET"])]

    async def timeline(self, request: Request) -> Response:
        """What happened to this account, the newest first."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        events = await self.sign_in.services.db.read(
            lambda conn: timeline.of_account(conn, self.sources, session.owner)
        )
        return self.render(request, "timeline.html", session=session, events=events)
