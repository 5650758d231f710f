"""The page of a candidate's second factor: what it is, setting it up, its recovery codes, taking it away.

Whole without scripts. A secret is shown once, in the answer to a press; a password and a code are never written back.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from accounts.registration import codes
from accounts.second_factor import enrolment, pending, qr_code, totp
from accounts.sessions import Session
from accounts.visits import form_owner
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, form_answer
from server.rendering.templating import Render
from server.requests import form_body, incoming, see_other
from server.responses import response_of

HOME = "/compte/code"

NOTES = {"retire": "Le code de vérification est retiré."}

CORRECTIONS = {
    Code.BAD_CREDENTIALS: {"password": "Entrez de nouveau votre mot de passe."},
    Code.BAD_CODE: {"code": "Tapez le code que votre application montre maintenant."},
}
"""Refusal -> the field to go back to."""


class SecondFactorPages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(self, sign_in: SignInPages, render: Render, tell: Tell, issuer: str) -> None:
        self.sign_in, self.services = sign_in, sign_in.services
        self.render, self.tell, self.issuer = render, tell, issuer

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/compte/code", self.show, methods=["GET"]),
            Route("/compte/code", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Whether there is one, and the form for the other way."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return await self._page(request, session, note=NOTES.get(incoming(request).asked.get("note", ""), ""))

    async def act(self, request: Request) -> Response:
        """Begin, confirm by the first code, or take away; without a session the page says how to go on."""
        fields = await form_body(request)
        try:
            session = await form_owner.required(self.services, request, fields)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            return await self._page(request, None, refusal=refusal, typed=fields)
        try:
            return await self._acted(request, session, fields)
        except Refusal as refusal:
            errors = CORRECTIONS.get(refusal.code, {})
            secret, past = None, False
            if fields.get("do") == "activer":
                secret = await enrolment.waiting(self.services, session.owner)
                past = secret is None and refusal.code == Code.BAD_CODE
            return await self._page(
                request, session, refusal=refusal, errors={} if past else errors, secret=secret, past=past
            )

    async def _acted(self, request: Request, session: Session, fields: Mapping[str, str]) -> Response:
        came, do = incoming(request), fields.get("do", "")
        password, code = fields.get("password", ""), fields.get("code", "")
        if do == "commencer":
            secret = await enrolment.begin(self.services, came, session, password)
            return await self._page(request, session, secret=secret)
        if do == "activer":
            made = await enrolment.confirm(self.services, came, session, code)
            shown = [codes.shown(one) for one in made]
            return self.render(request, "own_factor_codes.html", secret=True, session=session, codes=shown)
        if do == "retirer":
            await enrolment.remove(self.services, came, session, password, code)
            return response_of(see_other(f"{HOME}?note=retire"))
        raise Refusal(Code.BAD_REQUEST)

    async def _page(
        self,
        request: Request,
        session: Session | None,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        errors: Mapping[str, str] | None = None,
        secret: str | None = None,
        past: bool = False,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        left = None if session is None else await enrolment.state_of(self.services, session.owner)
        uri = "" if secret is None or session is None else totp.uri(secret, session.username, self.issuer)
        grouped = "" if secret is None else " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        answer = form_answer(
            self.render, self.tell, incoming(request), "own_factor.html", refusal=refusal, errors=errors or {},
            secret=True, session=session, left=left,
            is_ended=session is None and not form_owner.is_anothers(refusal),
            is_anothers=form_owner.is_anothers(refusal),
            whose=form_owner.shown(session, typed or {}), note=note, here=HOME,
            picture=qr_code.svg(uri) if uri else "", typed_secret=grouped,
            past=pending.past(is_set=left is not None) if past else None,
        )  # fmt: skip
        return response_of(answer)
