"""`/personnel/jours-feries`: enter a day with a look at what it moves, confirm what somebody else has entered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from casework.deadlines.explained import long_day
from casework.deadlines.proclaiming import LONGEST_NAME, Proclamation
from casework.deadlines.states import KINDS
from casework.files.numbers import file_number
from console.proclaimed_days.desk import MAY, SEES, DayAct, ProclaimedDayDesk, ProclamationPreview
from console.staff.desk import StaffMemberHere
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota.approvals import is_same
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body

HERE: Final = "/personnel/jours-feries"

MOST_LISTED: Final = 100
"""So many moves are listed by file; all are counted, and the API has each."""

LONGEST_FIELD: Final = 200

NOTES: Final = {
    "entre": "Le jour est entré. Une autre personne doit le confirmer d’ici un jour.",
    "confirme": "Le jour est férié dès maintenant. Les délais en cours sont déplacés dans les minutes qui viennent.",
    "retire": "Le jour entré est retiré. Rien n’a changé.",
}
"""Note in the address -> what is said."""


class ProclaimedDayPages:
    """The handlers."""

    def __init__(self, desk: ProclaimedDayDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.enter, methods=["POST"]),
            Route(f"{HERE}/{{day}}", self.one, methods=["GET"]),
            Route(f"{HERE}/{{day}}/{{act}}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Every day that was entered, and the form; with a day in the address, what it would move."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        typed = typed_in(request.query_params)
        if not any(typed.values()):
            return await self._page(request, member, note=request.query_params.get("note", ""))
        return await self._tried(
            request, member, typed, lambda: self.desk.preview(typed["day"], typed["name"])
        )

    async def enter(self, request: Request) -> Response:
        """The first person's button, under the look at what moves."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        typed = typed_in(await form_body(request))

        async def work() -> None:
            await self.desk.enter(member, typed["day"], typed["name"])

        return await self._tried(request, member, typed, work)

    async def one(self, request: Request) -> Response:
        """A day that was entered, with what it moves, to be confirmed or taken back. Refusal not_found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._one(request, member)

    async def act(self, request: Request) -> Response:
        """The second person's button, or the one that takes back."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        day, act, fields = (
            request.path_params["day"],
            request.path_params["act"],
            await form_body(request),
        )
        try:
            match act:
                case DayAct.CONFIRM:
                    asked_at = fields.get("asked_at", "")[:LONGEST_FIELD]
                    await self.desk.confirm(
                        member, day, int(asked_at) if asked_at.isdecimal() and len(asked_at) < 16 else -1
                    )
                    return RedirectResponse(f"{HERE}?note=confirme", 303)
                case DayAct.DROP:
                    await self.desk.drop(member, day)
                    return RedirectResponse(f"{HERE}?note=retire", 303)
                case _:
                    raise Refusal(Code.NOT_FOUND)
        except Unavailable:
            raise
        except Refusal as refusal:
            if refusal.code in {Code.NOT_FOUND, Code.NOT_YOUR_ROLE}:
                raise
            return await self._one(request, member, refusal)

    async def _one(
        self, request: Request, member: StaffMemberHere, refusal: Refusal | None = None
    ) -> Response:
        entered = await self.desk.entered(request.path_params["day"])
        preview = await self.desk.preview_of(entered)
        return await self._page(request, member, preview=preview, entered=entered, refusal=refusal)

    async def _tried(
        self,
        request: Request,
        member: StaffMemberHere,
        typed: Mapping[str, str],
        work: Callable[[], Awaitable[ProclamationPreview | None]],
    ) -> Response:
        try:
            preview = await work()
        except Unavailable:
            raise
        except Refusal as refusal:
            if refusal.code != Code.INVALID:
                raise
            return await self._page(request, member, typed=typed, refusal=refusal)
        if preview is None:
            return RedirectResponse(f"{HERE}?note=entre", 303)
        return await self._page(request, member, typed=typed, preview=preview)

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        typed: Mapping[str, str] | None = None,
        preview: ProclamationPreview | None = None,
        entered: Proclamation | None = None,
        refusal: Refusal | None = None,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        errors = (
            {}
            if refusal is None
            else {one["name"]: one["reason"] for one in refusal.fields.get("fields", [])}
        )
        above = None if refusal is None or words is None or errors else shown(refusal, words, WayOn())
        return self.render(
            request, "staff_proclaimed_days.html", status=200 if words is None else words.status, member=member,
            here=HERE, note=NOTES.get(note, ""), typed=typed or {"day": "", "name": ""}, errors=errors, refusal=above,
            days=await self.desk.every(member), entered=entered, preview=preview, most=MOST_LISTED, now=now_ms(),
            may_enter=bool(set(MAY[DayAct.ENTER]) & set(member.held)), is_author=is_author(entered, member),
            kinds=KINDS, long_day=long_day, file_number=file_number, longest_name=LONGEST_NAME,
        )  # fmt: skip


def is_author(entered: Proclamation | None, member: StaffMemberHere) -> bool:
    """Whether this person entered it: then another one confirms."""
    return entered is not None and is_same(entered.author, member.username)


def typed_in(fields: Mapping[str, str]) -> dict[str, str]:
    """Day and name as they were typed."""
    return {name: fields.get(name, "")[:LONGEST_FIELD] for name in ("day", "name")}
