"""The pages of a change of address: the form in the account, and the buttons behind the links of both mails.

Whole without scripts. A GET changes nothing: mail scanners open links. A refused form comes back filled in.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.bounces import recording as bounces
from accounts.email_change import changing
from accounts.email_change.changing import LONGEST_TOKEN, WAITS_DAYS
from accounts.email_change.services import EmailChangeServices
from accounts.email_change.states import EmailChangeState
from accounts.pages import SignInPages
from accounts.sessions import Session
from accounts.visits import form_owner
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, form_answer
from server.rendering.templating import Render
from server.requests import form_body, incoming, see_other
from server.responses import response_of

FORM = "/compte/courriel"

NOTES = {
    "demande": "C’est noté. Deux courriels viennent de partir : l’un à la nouvelle adresse, pour la confirmer, l’autre "
    "à l’ancienne.",
    "annule": "Le changement est annulé : votre adresse reste la même.",
}
"""What the form says above, by the word in its address."""

WRONG_PASSWORD = "Entrez de nouveau votre mot de passe actuel."  # noqa: S105  a sentence


class EmailChangePages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(
        self, services: EmailChangeServices, sign_in: SignInPages, render: Render, tell: Tell
    ) -> None:
        self.services, self.sign_in = services, sign_in
        self.render, self.tell = render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/compte/courriel", self.form, methods=["GET"]),
            Route("/compte/courriel", self.ask, methods=["POST"]),
            Route("/compte/courriel/annuler", self.take_back, methods=["POST"]),
            Route("/compte/courriel/retabli", self.works_again, methods=["POST"]),
            Route("/courriel/confirmation", self.confirmation, methods=["GET"]),
            Route("/courriel/confirmation", self.confirm, methods=["POST"]),
            Route("/courriel/annulation", self.cancellation, methods=["GET"]),
            Route("/courriel/annulation", self.cancel, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form, and the change that waits."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        note = NOTES.get(incoming(request).asked.get("note", ""), "")
        return await self._form(request, session, {}, {}, note=note)

    async def ask(self, request: Request) -> Response:
        """Ask for another address; without a session the form keeps what was typed."""
        fields, came = await form_body(request), incoming(request)
        try:
            session = await form_owner.required(self.services.accounts, request, fields)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            return await self._form(request, None, fields, {}, refusal)
        try:
            password, email = fields.get("password", ""), fields.get("email", "")
            await changing.ask(self.services, came, session, password, email)
        except Refusal as refusal:
            errors = {one["name"]: one["reason"] for one in refusal.fields.get("fields", ())}
            if refusal.code == Code.BAD_CREDENTIALS:
                errors = {"password": WRONG_PASSWORD}
            shown = None if refusal.code == Code.INVALID else refusal
            return await self._form(request, session, fields, errors, shown)
        return response_of(see_other(f"{FORM}?note=demande"))

    async def works_again(self, request: Request) -> Response:
        """The owner says that mail arrives again: it is written to as before, until it comes back."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        await self.services.accounts.db.write(lambda conn: bounces.works_again(conn, session.owner))
        return response_of(see_other("/compte"))

    async def take_back(self, request: Request) -> Response:
        """Cancel the change that waits. Refusal not_signed_in in the page of another account."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        session = await form_owner.required(self.services.accounts, request, await form_body(request))
        await changing.take_back(self.services, incoming(request), session)
        return response_of(see_other(f"{FORM}?note=annule"))

    async def confirmation(self, request: Request) -> Response:
        """The button of the new address."""
        return await self._button(request, cancels=False)

    async def cancellation(self, request: Request) -> Response:
        """The button of the old address."""
        return await self._button(request, cancels=True)

    async def confirm(self, request: Request) -> Response:
        """The new address is confirmed; it may still wait for its day."""
        token = (await form_body(request)).get("jeton", "")
        try:
            state = await changing.confirm(self.services, token)
        except Refusal as refusal:
            return self._past(request, refusal)
        return self._link(request, "done" if state is EmailChangeState.DONE else str(state), token)

    async def cancel(self, request: Request) -> Response:
        """The change is cancelled, and every session has ended."""
        token = (await form_body(request)).get("jeton", "")
        try:
            await changing.cancel(self.services, incoming(request), token)
        except Refusal as refusal:
            return self._past(request, refusal)
        return self._link(request, "cancelled", token)

    async def _button(self, request: Request, *, cancels: bool) -> Response:
        token = incoming(request).asked.get("jeton", "")
        try:
            await changing.expect_link(self.services, token, cancels=cancels)
        except Refusal as refusal:
            return self._past(request, refusal)
        return self._link(request, "cancel" if cancels else "confirm", token)

    def _link(self, request: Request, what: str, token: str) -> Response:
        return self.render(
            request, "email_link.html", secret=True, what=what, token=token[:LONGEST_TOKEN], days=WAITS_DAYS
        )

    def _past(self, request: Request, refusal: Refusal) -> Response:
        if refusal.code != Code.LINK_EXPIRED:
            raise refusal
        return self.render(
            request, "email_link.html", self.tell(refusal).status, what="past", days=WAITS_DAYS
        )

    async def _form(
        self,
        request: Request,
        session: Session | None,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None = None,
        *,
        note: str = "",
    ) -> Response:
        waits = None if session is None else await changing.waiting(self.services, session)
        answer = form_answer(
            self.render, self.tell, incoming(request), "own_email.html", refusal=refusal, errors=errors,
            status=422 if errors else 200, secret=bool(typed), session=session,
            is_ended=session is None and not form_owner.is_anothers(refusal),
            is_anothers=form_owner.is_anothers(refusal),
            whose=form_owner.shown(session, typed), here=FORM, typed=typed, waits=waits, note=note, days=WAITS_DAYS,
        )  # fmt: skip
        return response_of(answer)
