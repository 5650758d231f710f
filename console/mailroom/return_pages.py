"""`/personnel/courrier/retours`: what goes back by post: items that were set aside, and originals of files (DC-06)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.mailroom.items import MOST_LISTED
from casework.mailroom.pen import KEPT_DAYS
from casework.mailroom.states import INSTRUMENTS, KINDS, STATES
from console.mailroom import forms
from console.mailroom.desk import SEES, MailroomDesk
from console.mailroom.pages import HERE
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from foundation.money import dollars
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import form_body

RETURNS: Final = f"{HERE}/retours"

TITLE: Final = "À retourner par la poste"


class MailReturnPages:
    """The handlers of what goes back."""

    def __init__(self, desk: MailroomDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(RETURNS, self.show, methods=["GET"]),
            Route(f"{RETURNS}/{{file}}/{{item}}", self.give_back, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is to go back."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._page(request, member)

    async def give_back(self, request: Request) -> Response:
        """An original has left, with its tracking number. What is refused stands in its row, with what was typed."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        file, item = request.path_params["file"], forms.whole(request.path_params["item"])
        if item is None:
            raise Refusal(Code.NOT_FOUND)
        sent = await form_body(request)
        typed = {name: forms.text_of(sent, name) for name in ("tracking", "sent_on")}
        return await pressed(
            lambda: self.desk.give_back(member, file, item, typed["tracking"], typed["sent_on"]),
            f"{RETURNS}?note=original",
            lambda refusal: self._page(request, member, refusal, f"{file}-{item}", typed),
        )

    async def _page(
        self, request: Request, member: StaffMemberHere, refusal: Refusal | None = None, row: str = "",
        typed: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        words = None if refusal is None else self.tell(refusal)
        found = {} if refusal is None else forms.errors_of(refusal)
        names = {"on_day": "sent_on"}
        errors = {f"{row}-{names.get(name, name)}": why for name, why in found.items()}
        above = None if refusal is None or words is None or errors else shown(refusal, words, WayOn())
        return self.render(
            request, "staff_mail_returns.html", status=200 if words is None else words.status, member=member,
            here=HERE, title=TITLE, found=await self.desk.to_return(member), kinds=KINDS, instruments=INSTRUMENTS,
            dollars=dollars, states=STATES, day=day_words, kept_days=KEPT_DAYS, most=MOST_LISTED,
            originals=await self.desk.originals(member), errors=errors, refusal=above, row=row, typed=typed or {},
            note="Le retour est inscrit." if request.query_params.get("note") == "original" else "",
        )  # fmt: skip
