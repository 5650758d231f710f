"""The sign-in that follows a file at any time (AC-09), and signing out.

The page is whole without scripts. A refusal is shown in the form, with what was typed; the password is the only thing
that is not written back.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, sign_in, sign_in_form, states
from accounts.services import AccountServices
from accounts.sessions import Session, SignedIn
from accounts.sign_in import Credentials
from foundation.errors import Code, Refusal
from server.fast_path import FastRoute
from server.rendering import cookie_check
from server.rendering.forms import Tell, form_answer
from server.rendering.page_answers import SharedPages
from server.rendering.templating import Render
from server.requests import Answer, Incoming, Respond, answering, form_body, incoming, see_other
from server.responses import response_of

SHARED_SECONDS: Final = 60.0
"""For so long an empty form is kept: nothing on it changes while a process runs."""


def nothing_gated(path: str) -> bool:
    """Without a waiting room no page is behind it."""
    return False


class Destinations(msgspec.Struct, frozen=True):
    """Where a sign-in may lead: to `pages`, and to nothing that an address from elsewhere could slip in; or `home`.

    `is_gated` names pages that are behind the waiting room: whoever asks to be led there asks the gate (WR-05).
    """

    home: str
    pages: re.Pattern[str]
    is_gated: Callable[[str], bool] = nothing_gated

    def safe(self, path: str) -> str:
        """This address if a sign-in may lead there, otherwise the home page of the account."""
        return path if self.pages.fullmatch(path) else self.home

    def may_lead(self, path: str) -> bool:
        """Whether an act may lead there: to a page of the account, or to the gate of one."""
        return self.is_gated(path) or self.pages.fullmatch(path) is not None


class SignInPages:
    """The handlers, and what pages behind a session need of them."""

    def __init__(
        self, services: AccountServices, render: Render, tell: Tell, destinations: Destinations
    ) -> None:
        self.services = services
        self.render = render
        self.tell = tell
        self.destinations = destinations
        self._sessions = sessions.SessionReader(services.db)
        self._shared = SharedPages(SHARED_SECONDS)

    def fast_routes(self) -> list[FastRoute]:
        """What a crowd asks for."""
        return [FastRoute("GET", "/connexion", self.show)]

    def routes(self) -> list[BaseRoute]:
        """The other routes."""
        return [
            Route("/connexion", self.sign_in, methods=["POST"]),
            Route("/deconnexion", self.sign_out, methods=["POST"]),
        ]

    def show(self, came: Incoming, respond: Respond) -> None:
        """The form, or the way on when somebody is signed in already and does not ask for another account."""
        digest = sessions.shown(came)
        if (gate := self._gate(came)) is not None:
            respond(gate)
        elif digest is None:
            respond(self._empty(came))
        else:
            self._sessions.ask(digest, answering(respond, partial(self._shown_to, came)))

    def _shown_to(self, came: Incoming, session: Session | None) -> Answer:
        if session is None:
            return self._empty(came)
        then = self._then(came)
        if came.asked.get("compte") != "autre":
            return see_other(then)
        return self.form(came, then, note="autre", signed_in_as=session.username)

    def _empty(self, came: Incoming) -> Answer:
        """The form that nobody has typed into, which is the same for all who are led to the same page."""
        then, note = self._then(came), came.asked.get("note", "")
        note = note if note in states.NOTES else ""

        def render() -> str:
            return self.render.text("sign_in.html", refusal=None, errors={}, **_context(then, {}, note))

        headers = cookie_check.offered(came.cookies, secure=self.services.secure)
        return self._shared.answer(came, (then, note), (), render, headers=headers)

    async def sign_in(self, request: Request) -> Response:
        """Sign in without a token."""
        came, fields = incoming(request), await form_body(request)
        if (gate := self._gate(came)) is not None:
            return response_of(gate)
        then, note = self._then(came), came.asked.get("note", "")

        async def attempt(credentials: Credentials) -> SignedIn:
            cookie_check.require(request, fields)
            return await sign_in.sign_in(self.services, came, credentials)

        def show(errors: Mapping[str, str], refusal: Refusal | None) -> Response:
            return response_of(self.form(came, then, fields, errors, refusal, status=422, note=note))

        return await sign_in_form.posted(self.services, fields, attempt, then, show)

    async def sign_out(self, request: Request) -> Response:
        """End the session in this browser."""
        await sessions.sign_out(self.services, request)
        answer = response_of(see_other("/connexion?note=deconnexion"))
        sessions.forget(answer, self.services)
        return answer

    def form(
        self,
        came: Incoming,
        then: str,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        *,
        status: int = 200,
        note: str = "",
        signed_in_as: str = "",
    ) -> Answer:
        """The form of a sign-in that leads to `then`; `note` is one of `states.NOTES`. `signed_in_as` is the account of
        the session here, which is not the one that is asked for."""
        return form_answer(
            self.render, self.tell, came, "sign_in.html", refusal=refusal, errors=errors or {}, status=status,
            headers=cookie_check.offered(came.cookies, secure=self.services.secure),
            **_context(then, typed or {}, note, signed_in_as),
        )  # fmt: skip

    def page(self, request: Request, then: str, *, status: int, note: str, signed_in_as: str) -> Response:
        """The same on a page of the framework, as nobody has typed into it yet."""
        form = self.form(incoming(request), then, status=status, note=note, signed_in_as=signed_in_as)
        return response_of(form)

    async def session(self, request: Request) -> Session | Response:
        """Who is signed in, or the way to the sign-in that leads back here."""
        try:
            return await sessions.required(self.services, request)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            note = "&note=fin" if refusal.code == Code.SESSION_ENDED else ""
            return response_of(
                see_other(f"/connexion?suite={self.destinations.safe(request.url.path)}{note}")
            )

    def _gate(self, came: Incoming) -> Answer | None:
        """The way to a page that is behind the waiting room, where this sign-in is to lead to one: it has its own."""
        wanted = came.asked.get("suite", "")
        return see_other(wanted) if self.destinations.is_gated(wanted) else None

    def _then(self, came: Incoming) -> str:
        return self.destinations.safe(came.asked.get("suite", ""))


def _context(then: str, typed: Mapping[str, str], note: str, signed_in_as: str = "") -> dict[str, Any]:
    return sign_in_form.context(f"/connexion?suite={then}", typed, note, signed_in_as)
