"""The link of an invitation: its person chooses user name, password and questions. Looking changes nothing."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.invitations import inviting
from accounts.invitations.services import InvitationServices
from accounts.registration import application
from accounts.secrets import password_rules, questions
from accounts.states import ORDINALS
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.templating import Render
from server.requests import form_body, incoming, see_other
from server.responses import response_of

HOME = "/invitation"

RETYPE = "Entrez de nouveau votre mot de passe."

AT_FIELDS = {Code.INVALID, Code.PASSWORD_WEAK}


class InvitationPages:
    """The handlers of the one address."""

    def __init__(self, services: InvitationServices, render: Render, tell: Tell) -> None:
        self.services, self.render, self.tell = services, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.form, methods=["GET"]),
            Route(HOME, self.accept, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The form, where the link is good. Refusal link_expired."""
        return await self._form(request, incoming(request).asked.get("code", ""))

    async def accept(self, request: Request) -> Response:
        """Make the account; then the sign-in, and from there the stream that it is for."""
        fields = await form_body(request)
        code = fields.get("code", "")
        try:
            found = await inviting.accept(
                self.services, incoming(request), code, application.of_form("", fields)
            )
        except Refusal as refusal:
            if refusal.code == Code.LINK_EXPIRED:
                raise
            return await self._form(request, code, fields, refusal)
        return response_of(
            see_other(f"/connexion?note=inscrit&suite=/volets/{found.programme}/{found.stream}")
        )

    async def _form(
        self,
        request: Request,
        code: str,
        typed: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
    ) -> Response:
        db = self.services.registration.accounts.db
        found = await db.read(lambda conn: inviting.find(conn, self.services, code, now_ms()))
        errors: dict[str, str] = {}
        if refusal is not None and refusal.code in AT_FIELDS:
            errors = application.form_errors(refusal.fields.get("fields", []))
        if typed and "password" not in errors:
            errors["password"] = RETYPE
        return response_of(
            form_answer(
                self.render, self.tell, incoming(request), "invitation_form.html",
                refusal=refusal if refusal is not None and refusal.code not in AT_FIELDS else None,
                way_on=WayOn(), errors=errors, status=422 if typed else 200, secret=True, code=code, found=found,
                typed=typed or {}, ordinals=ORDINALS, questions=questions.LIST, shortest=password_rules.SHORTEST,
                programme=self.services.registration.programmes[found.programme],
            )
        )  # fmt: skip
