"""`/personnel/argent`: money that no rule places, and the decision of an agent on each."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.files.states import STATUSES
from casework.payments.deciding import LONGEST_WHY
from casework.payments.states import INSTRUMENTS, MONEY_ACTS, MONEY_REASONS
from console.payments.desk import DECIDES, MoneyDesk, act_of
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from foundation.money import dollars
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import form_body

HERE: Final = "/personnel/argent"

DONE: Final = {
    "decide": "La décision est inscrite.",
    "cheque": "Le chèque est inscrit, et sa lettre est déposée dans le compte.",
    "propose": "Votre décision attend une deuxième personne, qui doit prendre la même. Rien n’est encore fait.",
}
"""What the page says of what was just done, by the word in its address."""


class MoneyPages:
    """The handlers."""

    def __init__(self, desk: MoneyDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(f"{HERE}/{{id}}", self.decide, methods=["POST"]),
            Route(f"{HERE}/cheques/{{id}}", self.issue, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What waits."""
        member = await self.desk.staff.at_page(request, *DECIDES)
        if isinstance(member, Response):
            return member
        note = DONE.get(request.query_params.get("note", ""), "")
        return await self._page(request, member, note=note)

    async def decide(self, request: Request) -> Response:
        """One decision; a refusal stands above, with what was typed."""
        member = await self.desk.staff.at_page(request, *DECIDES)
        if isinstance(member, Response):
            return member
        fields, id = await form_body(request), id_of(request)
        typed = {"act": fields.get("act", "")[:40], "why": fields.get("why", "")[: 4 * LONGEST_WHY]}
        return await pressed(
            lambda: self.desk.decide(member, id, act_of(typed["act"]), typed["why"]),
            lambda made: f"{HERE}?note={'propose' if made.waits else 'decide'}",
            lambda refusal: self._page(request, member, refusal=refusal, typed={id: typed}),
        )

    async def issue(self, request: Request) -> Response:
        """A cheque that goes out: its number and its day."""
        member = await self.desk.staff.at_page(request, *DECIDES)
        if isinstance(member, Response):
            return member
        fields, id = await form_body(request), id_of(request)
        typed = {"number": fields.get("number", "")[:80], "issued_on": fields.get("issued_on", "")[:20]}
        return await pressed(
            lambda: self.desk.issue(member, id, typed["number"], typed["issued_on"]),
            f"{HERE}?note=cheque",
            lambda refusal: self._page(request, member, refusal=refusal, typed={id: typed}),
        )

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        typed: Mapping[int, Mapping[str, str]] | None = None,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        which = next(iter(typed or {}), 0)
        found = [] if refusal is None else refusal.fields.get("fields", [])
        return self.render(
            request,
            "staff_money.html",
            status=200 if words is None else words.status,
            member=member,
            waiting=await self.desk.waiting(member),
            owed=await self.desk.owed(),
            here=HERE,
            note=note,
            errors={f"{field['name']}-{which}": field["reason"] for field in found},
            refusal=None if refusal is None or words is None else shown(refusal, words, WayOn()),
            typed=typed or {},
            reasons=MONEY_REASONS,
            acts=MONEY_ACTS,
            instruments=INSTRUMENTS,
            statuses=STATUSES,
            dollars=dollars,
            day=_day,
        )


def id_of(request: Request) -> int:
    """The number of the address. Refusal not_found for what no row can have."""
    text = request.path_params["id"]
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refusal(Code.NOT_FOUND)
    return int(text)


def _day(day: date | str) -> str:
    return day_words(date.fromisoformat(day) if isinstance(day, str) else day)
