"""The pages of one's own data: what is held, the export, and the deletion of an account without a submission."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, states
from accounts.candidates import LONGEST_SECRET
from accounts.normalisation import is_blank
from accounts.own_data.service import OwnData
from accounts.pages import SignInPages
from accounts.sessions import Session
from accounts.visits import form_owner
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, form_answer
from server.rendering.templating import Render
from server.requests import form_body, incoming, see_other
from server.responses import response_of

CONFIRM = "Cochez cette case pour confirmer que vous voulez supprimer votre compte."


class OwnDataPages:
    """The handlers, for the account that is signed in alone."""

    def __init__(self, service: OwnData, sign_in: SignInPages, render: Render, tell: Tell) -> None:
        self.service, self.sign_in = service, sign_in
        self.render, self.tell = render, tell

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/compte/donnees", self.show, methods=["GET"]),
            Route("/compte/supprimer", self.ask, methods=["GET"]),
            Route("/compte/supprimer", self.delete, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is held and why, with the export."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return self.render(request, "own_data.html", session=session, held=self.service.held)

    async def ask(self, request: Request) -> Response:
        """The form that deletes an account; what stands against it, where that is known before anything is typed."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        if await self.service.has_submission(session):
            return self._form(request, session, {}, None, stays=True)
        return self._form(request, session, {}, None)

    async def delete(self, request: Request) -> Response:
        """Delete the account, once the password was typed and the box ticked."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        came, fields = incoming(request), await form_body(request)
        session = await form_owner.required(self.sign_in.services, request, fields)
        errors = wrong(fields)
        if errors:
            return self._form(request, session, errors, None, fields)
        try:
            await self.service.delete(came, session, fields["password"])
        except Refusal as refusal:
            return self._form(request, session, CORRECTIONS.get(refusal.code, {}), refusal, fields)
        answer = response_of(see_other("/connexion?note=supprime"))
        sessions.forget(answer, self.service.accounts)
        return answer

    def _form(
        self,
        request: Request,
        session: Session,
        errors: dict[str, str],
        refusal: Refusal | None,
        typed: dict[str, Any] | None = None,
        *,
        stays: bool = False,
    ) -> Response:
        return response_of(
            form_answer(
                self.render, self.tell, incoming(request), "account_delete.html", refusal=refusal, errors=errors,
                status=422 if errors else 200, session=session, confirmed="confirm" in (typed or {}), stays=stays,
                whose=form_owner.mark_of(session),
            )
        )  # fmt: skip


CORRECTIONS = {Code.BAD_CREDENTIALS: {"password": states.CORRECTIONS[Code.BAD_CREDENTIALS]["password"]}}


def wrong(fields: dict[str, str]) -> dict[str, str]:
    """What is missing of the form, field by field. Pure."""
    found = {}
    password = fields.get("password", "")
    if is_blank(password):
        found["password"] = states.EMPTY["password"]
    elif len(password) > LONGEST_SECRET:
        found["password"] = states.TOO_LONG
    if fields.get("confirm") != "oui":
        found["confirm"] = CONFIRM
    return found
