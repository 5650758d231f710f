"""`/agent/dossiers/{id}/message`: an agent writes to the person whose file is open, sees what it will be, and sends it.

Three steps of one form, which carries what was typed from step to step: without scripts, and nothing is lost.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.roles import Role
from casework.mailbox.delivery import Rehearsal
from casework.mailbox.services import MailboxServices
from casework.mailbox.titles import LONGEST
from casework.mailbox.typed import LONGEST_TEXT
from console.agents import openings
from console.agents.forms import DeskForms
from console.agents.pages import looked
from console.messages import writing
from console.messages.writing import DOCUMENT_FIELD, WritingSheet
from console.staff.desk import StaffDesk, StaffMemberHere
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body, row_number


class MessageWritingPages:
    """The handlers."""

    def __init__(self, staff: StaffDesk, services: MailboxServices, render: Render, tell: Tell) -> None:
        self.staff, self.db, self.services = staff, staff.db, services
        self.forms = DeskForms(render, tell)

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [Route("/agent/dossiers/{id}/message", self.write, methods=["GET", "POST"])]

    async def write(self, request: Request) -> Response:
        """The empty form; what was typed as it would be delivered; the delivery. Only for a file that is open."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        id = row_number(request.path_params["id"])
        if await self.db.read(lambda conn: openings.opened(conn, member, id, now_ms())) is None:
            return RedirectResponse(f"/agent/dossiers/{id}/ouvrir", 303)
        await looked(self.db, member, id, "message")
        there = await self.db.read(lambda conn: writing.sheet(conn, id))
        if request.method != "POST":
            newest = there.files[0][1] if there.files else ""
            return self._page(request, member, id, there, {"key": writing.new_key(), "about": newest})
        return await self._posted(request, member, id, there)

    async def _posted(
        self, request: Request, member: StaffMemberHere, id: int, there: WritingSheet
    ) -> Response:
        fields, services = await form_body(request), self.services
        try:
            if fields.get("step") == "send":
                await self.db.write(lambda conn: writing.send(conn, services, member, id, fields, now_ms()))
                return RedirectResponse(f"/agent/dossiers/{id}?fait=message#messagerie", 303)
            seen = await self.db.read(
                lambda conn: writing.rehearsed(conn, services, member, id, fields, now_ms())
            )
        except Refusal as refusal:
            if refusal.code != Code.INVALID:
                raise
            return self._page(request, member, id, there, fields, refusal)
        shown = None if fields.get("step") == "edit" else seen
        return self._page(request, member, id, there, fields, rehearsal=shown)

    def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        id: int,
        there: WritingSheet,
        typed: Mapping[str, str],
        refusal: Refusal | None = None,
        rehearsal: Rehearsal | None = None,
    ) -> Response:
        template = "agent_message.html" if rehearsal is None else "agent_message_preview.html"
        context: dict[str, Any] = {"rehearsal": rehearsal} if rehearsal else {}
        return self.forms.page(
            request, template, refusal, typed, member=member, account_id=id, sheet=there,
            longest_title=LONGEST, longest_text=LONGEST_TEXT, document_field=DOCUMENT_FIELD, **context,
        )  # fmt: skip
