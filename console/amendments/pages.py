"""`/agent/modifications`: amendments that wait; one file's beside what was signed; taking into account, asking."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.amendments.reviewing import LONGEST_QUESTION
from casework.amendments.states import DAYS, AmendmentAct
from console.amendments.desk import SEES, AmendmentDesk
from console.record.words import actor_words
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import form_body, row_number

HERE: Final = "/agent/modifications"

DONE: Final = {
    AmendmentAct.ACKNOWLEDGE: "La modification est prise en compte.",
    AmendmentAct.ASK: "La question est déposée dans la messagerie de la personne.",
}
"""What was done -> what is said afterwards."""


class StaffAmendmentPages:
    """The handlers."""

    def __init__(self, desk: AmendmentDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.queue, methods=["GET"]),
            Route(f"{HERE}/{{number}}", self.show, methods=["GET"]),
            Route(f"{HERE}/{{number}}/{{serial}}/{{amendment_act}}", self.act, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """Those that wait."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        found = await self.desk.queue(member)
        return self.render(request, "staff_amendments.html", member=member, found=found, here=HERE, days=DAYS)

    async def show(self, request: Request) -> Response:
        """One file's, side by side."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        note = next((words for act, words in DONE.items() if act == request.query_params.get("note")), "")
        return await self._page(request, member, note=note)

    async def act(self, request: Request) -> Response:
        """Taken into account, or asked."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        act = next((one for one in AmendmentAct if one == request.path_params["amendment_act"]), None)
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        number, serial = request.path_params["number"], row_number(request.path_params["serial"])
        question = (await form_body(request)).get("question", "")

        async def again(refusal: Refusal) -> Response:
            fields = refusal.fields.get("fields", [])
            errors = {f"m{serial}-{field['name']}": field["reason"] for field in fields}
            typed = {serial: question[: LONGEST_QUESTION * 2]}
            return await self._page(request, member, errors=errors, refusal=refusal, typed=typed)

        return await pressed(
            lambda: self.desk.act(member, number, serial, act, question),
            f"{HERE}/{number}?note={act}",
            again,
        )

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        typed: Mapping[int, str] | None = None,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        view = await self.desk.view(member, request.path_params["number"])
        return self.render(
            request, "staff_amended_file.html", status=200 if words is None else words.status, member=member, view=view,
            here=HERE, note=note, errors=errors or {}, typed=typed or {}, day=day_words, who=actor_words, days=DAYS,
            acknowledged=AmendmentAct.ACKNOWLEDGE,
            refusal=None if refusal is None or words is None else shown(refusal, words, WayOn()),
        )  # fmt: skip
