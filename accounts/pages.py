"""The sign-in that follows a file at any time (AC-09), and signing out.

The page is whole without scripts. A refusal is shown in the form, with what was typed; the password is the only thing
that is not written back.
"""

import re
from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, sign_in, sign_in_form
from accounts.services import AccountServices
from accounts.sessions import Session, SignedIn
from accounts.sign_in import Credentials
from foundation.errors import Code, Refusal
from server.rendering import cookie_check
from server.rendering.forms import Tell, form_page, see_other
from server.rendering.templating import Render
from server.requests import form_body, incoming


class Destinations(msgspec.Struct, frozen=True):
    """Where a sign-in may lead: to `pages`, and to nothing that an address from elsewhere could slip in; or `home`."""

    home: str
    pages: re.Pattern[str]

    def safe(self, path: str) -> str:
        """This address if a sign-in may lead there, otherwise the home page of the account."""
        return path if self.pages.fullmatch(path) else self.home


class SignInPages:
    """The handlers, and what pages behind a session need of them."""

    def __init__(
        self, services: AccountServices, render: Render, tell: Tell, destinations: Destinations
    ) -> None:
        self.services = services
        self.render = render
        self.tell = tell
        self.destinations = destinations

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/connexion", self.show, methods=["GET"]),
            Route("/connexion", self.sign_in, methods=["POST"]),
            Route("/deconnexion", self.sign_out, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form, or the way on when somebody is signed in already and does not ask for another account."""
        then, session = self._then(request), await sessions.current(self.services, request)
        if session is None:
            return self.page(request, then, note=request.query_params.get("note", ""))
        if request.query_params.get("compte") != "autre":
            return see_other(then)
        return self.page(request, then, note="autre", signed_in_as=session.username)

    async def sign_in(self, request: Request) -> Response:
        """Sign in without a token."""
        fields, then = await form_body(request), self._then(request)
        note = request.query_params.get("note", "")

        async def attempt(credentials: Credentials) -> SignedIn:
            cookie_check.require(request, fields)
            return await sign_in.sign_in(self.services, incoming(request), credentials)

        def show(errors: Mapping[str, str], refusal: Refusal | None) -> Response:
            return self.page(request, then, fields, errors, refusal, status=422, note=note)

        return await sign_in_form.posted(
            self.services,
            fields,
            attempt,
            then,
            show,
        )

    async def sign_out(self, request: Request) -> Response:
        """End the session in this browser."""
        await sessions.sign_out(self.services, request)
        answer = see_other("/connexion?note=deconnexion")
        sessions.forget(answer, self.services)
        return answer

    def page(
        self,
        request: Request,
        then: str,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        *,
        status: int = 200,
        note: str = "",
        signed_in_as: str = "",
    ) -> Response:
        """The form of a sign-in that leads to `then`; `note` is one of `states.NOTES`. `signed_in_as` is the account of
        the session here, which is not the one that is asked for."""
        answer = form_page(
            self.render, self.tell, request, "sign_in.html", refusal=refusal, errors=errors or {}, status=status,
            **sign_in_form.context(f"/connexion?suite={then}", typed or {}, note, signed_in_as),
        )  # fmt: skip
        return cookie_check.offer(request, answer, secure=self.services.secure)

    async def session(self, request: Request) -> Session | Response:
        """Who is signed in, or the way to the sign-in that leads back here."""
        try:
            return await sessions.required(self.services, request)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            note = "&note=fin" if refusal.code == Code.SESSION_ENDED else ""
            return see_other(f"/connexion?suite={self.destinations.safe(request.url.path)}{note}")

    def _then(self, request: Request) -> str:
        return self.destinations.safe(request.query_params.get("suite", ""))
