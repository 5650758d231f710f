"""`/personnel/registre`: the record for auditors, who change nothing: read, filter, export, verify (P16).

Every reading is a look on the record, with what it was about; an export and a verification are acts.
"""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.roles import Role
from console.record import reading, verification
from console.record.audit_api import AuditApi
from console.record.looks import PageLooks
from console.record.words import actor_words
from console.staff.desk import StaffDesk, StaffMemberHere
from server.rendering.templating import Render

REGISTER: Final = "/personnel/registre"


class AuditPages:
    """The handlers."""

    def __init__(self, desk: StaffDesk, render: Render) -> None:
        self.desk, self.db, self.render = desk, desk.db, render
        self.looks = PageLooks(desk.db)

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(REGISTER, self.read, methods=["GET"]),
            Route(f"{REGISTER}.csv", self.export, methods=["GET"]),
            Route(f"{REGISTER}/verification", self.verify, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """The page, newest first, with how the chains were found last."""
        member = await self.desk.at_page(request, Role.AUDITOR)
        if isinstance(member, Response):
            return member
        return await self._page(request, member)

    async def export(self, request: Request) -> Response:
        """The lines that the page's filter chooses, oldest first."""
        member = await self.desk.at_page(request, Role.AUDITOR)
        if isinstance(member, Response):
            return member
        query = dict(request.query_params)
        chosen, wrong = await reading.filtered(self.db, query)
        if wrong:
            return RedirectResponse(f"{REGISTER}?{urlencode(query)}", 303)
        return await reading.exported(self.db, member.actor, chosen)

    async def verify(self, request: Request) -> Response:
        """Read the chains for some seconds; afterwards the page, with what was found."""
        member = await self.desk.at_page(request, Role.AUDITOR)
        if isinstance(member, Response):
            return member
        await verification.verify(self.db, member.actor)
        return RedirectResponse(f"{REGISTER}#verification", 303)

    async def _page(self, request: Request, member: StaffMemberHere) -> Response:
        found = await reading.read(self.db, dict(request.query_params), REGISTER)
        await self.looks.saw(member.actor, "registre", found.subject)
        return self.render(
            request, "staff_record.html", status=422 if found.wrong else 200, member=member, who=actor_words,
            last=await self.db.read_long(verification.last), size=await self.db.read(verification.size),
            **found.context,
        )  # fmt: skip


def routes(desk: StaffDesk, render: Render) -> list[BaseRoute]:
    """The auditors' pages, and the calls beside them."""
    return [*AuditPages(desk, render).routes(), *AuditApi(desk).routes()]
