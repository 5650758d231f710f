"""An agent begins an account outside the windows, for somebody of an exempt stream who has none (AC-12)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.identities import Identity
from accounts.invitations import inviting
from accounts.invitations.services import InvitationServices
from accounts.personal_data import countries
from accounts.roles import Role
from console.agents.forms import DeskForms
from console.agents.services import AgentServices
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body

HOME = "/agent/invitations"


class AgentInvitationPages:
    """The handlers: a form, and what became of it."""

    def __init__(
        self, services: AgentServices, invitations: InvitationServices, render: Render, tell: Tell
    ) -> None:
        self.services, self.invitations, self.forms = services, invitations, DeskForms(render, tell)
        self.staff, self.db = services.staff, services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.form, methods=["GET"]),
            Route(HOME, self.invite, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """The empty form."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        is_done = request.query_params.get("fait") == "invitation"
        return self.forms.page(request, "agent_invite.html", member=member, is_done=is_done, **self._lists())

    async def invite(self, request: Request) -> Response:
        """Begin the account; its person gets a link by mail."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        programme, _, stream = fields.get("stream", "").partition("/")
        identity = Identity(**{name: fields.get(name, "") for name in Identity.__struct_fields__})
        try:
            await self.db.write(
                lambda conn: inviting.invite(
                    conn, self.invitations, programme, stream, identity, fields.get("email", ""),
                    fields.get("reason", ""), member.actor, now_ms(),
                )
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code not in {Code.INVALID, Code.NOT_FOUND, Code.EMAIL_ALREADY_USED}:
                raise
            shown = no_stream() if refusal.code == Code.NOT_FOUND else refusal
            return self.forms.page(
                request, "agent_invite.html", shown, fields, member=member, is_done=False, **self._lists()
            )
        return RedirectResponse(f"{HOME}?fait=invitation", 303)

    def _lists(self) -> dict[str, Any]:
        streams = {
            f"{programme.id}/{stream.id}": f"{stream.name} ({programme.name})"
            for programme in self.services.programmes.values()
            for stream in programme.streams
        }
        return {"streams": streams, "countries": countries.names(), "days": inviting.GOOD_DAYS}


def no_stream() -> Refusal:
    """No stream was chosen, or one that there is not. Pure."""
    return Refusal(
        Code.INVALID, fields=[{"name": "stream", "reason": "Choisissez le volet qui le justifie."}]
    )
