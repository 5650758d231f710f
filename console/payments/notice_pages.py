"""`/personnel/avis`: files that are not deleted because nobody was told to pay, and the notice that went by post."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.identities import iso_date
from casework.payments.unpaid import posted_notice
from console.payments.notice_desk import RECORDS, SEES, NoticeDesk
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.approvals import is_same
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body

HERE: Final = "/personnel/avis"

DONE: Final = {
    "inscrit": "L’avis posté est inscrit. Une autre personne doit le confirmer.",
    "confirme": "L’avis posté est confirmé.",
}
"""What the page says of what was just done, by the word in its address."""

NOT_FOUND: Final = (
    "Aucun dossier n’a ce numéro. Comparez chaque chiffre; les deux derniers vérifient les autres."
)

FIELDS: Final = {"number": 40, "posted_on": 20, "tracking": 200, "why": 2_000}
"""Field -> characters that are read of it."""


class NoticePages:
    """The handlers."""

    def __init__(self, desk: NoticeDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.record, methods=["POST"]),
            Route(f"{HERE}/{{number}}/confirmer", self.confirm, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The files, and the form."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._page(request, member, note=DONE.get(request.query_params.get("note", ""), ""))

    async def record(self, request: Request) -> Response:
        """The first person; what was typed stays where it is refused."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        typed = {name: fields.get(name, "")[:most] for name, most in FIELDS.items()}

        async def work() -> None:
            day, today = iso_date(typed["posted_on"]), day_of(now_ms())
            notice = posted_notice.read(day, typed["tracking"], typed["why"], today)
            await self.desk.record(member, typed["number"], notice)

        async def again(refusal: Refusal) -> Response:
            if refusal.code == Code.NOT_FOUND:
                refusal = Refusal(Code.INVALID, fields=[{"name": "number", "reason": NOT_FOUND}])
            return await self._page(request, member, refusal=refusal, typed=typed)

        return await pressed(work, f"{HERE}?note=inscrit", again, raised=())

    async def confirm(self, request: Request) -> Response:
        """The second person."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await pressed(
            lambda: self.desk.confirm(member, request.path_params["number"]),
            f"{HERE}?note=confirme",
            lambda refusal: self._page(request, member, refusal=refusal),
        )

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        typed: Mapping[str, Any] | None = None,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        found = [] if refusal is None else refusal.fields.get("fields", [])
        return self.render(
            request, "staff_posted_notices.html", status=200 if words is None else words.status, member=member,
            files=await self.desk.untold(member), here=HERE, note=note, today=day_of(now_ms()),
            errors={field["name"]: field["reason"] for field in found}, typed=typed or {},
            refusal=None if refusal is None or words is None or found else shown(refusal, words, WayOn()),
            may_record=bool(set(RECORDS) & set(member.held)), says=posted_notice.says, is_same=is_same,
            days=posted_notice.POSTED_DAYS,
        )  # fmt: skip
