"""`/agent/etude`: the files by status, one file, its list before it goes out, and what an agent does about them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.checklists import handling, sending
from casework.checklists.handling import LONGEST_REASON, LONGEST_TRACKING
from casework.checklists.letter import format_words, whose
from casework.checklists.rules import FORMATS
from casework.checklists.states import ACTS, ACTS_DONE, OPEN_FOR, STATES, WITH_REASON, ItemAct
from casework.decisions import deciding
from casework.decisions.states import OUTCOMES, PROPOSALS, DecisionOutcome
from casework.files.states import EVENTS, FileStatus
from casework.files.states import STATUSES as FILE_STATUSES
from console.agents.forms import errors_of
from console.casefiles.desk import SEES, CaseFile, CasefileDesk, TypedItem
from console.record.words import actor_words
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from quota.frozen_rules import announced_name
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.templating import Render, day_words
from server.requests import form_body, incoming, row_number
from server.responses import response_of

HERE: Final = "/agent/etude"

DONE: Final = {
    "liste": "La liste est partie : elle est dans le compte, et un courriel dit qu’elle y est.",
    "reprise": "La liste de cette demande court de nouveau.",
    "piece": "C’est inscrit.",
    "pris": "Le dossier est à vous pour trente minutes; chaque geste les fait recommencer.",
    "laisse": "Le dossier est libre.",
    "proposee": "La décision est proposée. Elle attend une deuxième personne; rien n’est annoncé.",
    "decidee": "La décision est rendue : sa lettre est dans le compte.",
    "retiree": "La proposition est retirée; rien n’a été annoncé.",
}
"""What a page says of what was just done, by the word in its address."""

MOST_PAGES: Final = 10_000

Doing = Callable[[StaffMemberHere, str, Mapping[str, str]], Awaitable[str]]
"""Does what a form asks; the word of `DONE`."""


class CasefilePages:
    """The handlers."""

    def __init__(self, desk: CasefileDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = "/agent/etude/{number}"
        return [
            Route("/agent/etude", self.queue, methods=["GET"]),
            Route("/agent/etude/{number}", self.show, methods=["GET"]),
            Route("/agent/etude/{number}/liste", self.preview, methods=["GET"]),
            Route("/agent/etude/{number}/liste", self.doing(self._send), methods=["POST"]),
            Route(f"{one}/reprise", self.doing(self._resume), methods=["POST"]),
            Route(f"{one}/prendre", self.doing(self._take), methods=["POST"]),
            Route(f"{one}/laisser", self.doing(self._leave), methods=["POST"]),
            Route(f"{one}/pieces", self.doing(self._item), methods=["POST"]),
            Route(f"{one}/decision", self.doing(self._decide), methods=["POST"]),
            Route(f"{one}/confirmation", self.doing(self._confirm), methods=["POST"]),
            Route(f"{one}/retrait", self.doing(self._withdraw), methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """How many files stand where, and those of one status, the oldest first."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        asked = request.query_params
        status = next((one for one in FileStatus if one == asked.get("statut")), FileStatus.IN_EXAMINATION)
        page = min(max(_number(asked.get("page", "")), 1), MOST_PAGES)
        found = await self.desk.queue(member, status, page)
        return self.render(
            request, "casefiles.html", member=member, queue=found, statuses=FILE_STATUSES, here=HERE,
            names=self.desk.lists.names, day=day_words,
        )  # fmt: skip

    async def show(self, request: Request) -> Response:
        """One file; a look, on the record. Refusal not_found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._page(request, member)

    async def preview(self, request: Request) -> Response:
        """The list as it would go out, to be looked at before. Refusal not_found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._preview(request, member)

    def doing(self, work: Doing) -> Callable[[Request], Awaitable[Response]]:
        """The handler of a form: back to the file with a word, or the page again with what was typed."""

        async def handle(request: Request) -> Response:
            member = await self.desk.staff.at_page(request, *SEES)
            if isinstance(member, Response):
                return member
            fields, number = await form_body(request), request.path_params["number"]

            async def again(refusal: Refusal) -> Response:
                if request.url.path.endswith("/liste"):
                    return await self._preview(request, member, refusal)
                return await self._page(request, member, refusal, fields)

            return await pressed(
                lambda: work(member, number, fields),
                lambda word: f"{HERE}/{number}?fait={word}",
                again,
                raised=frozenset({Code.NOT_FOUND, Code.NOT_YOUR_ROLE}),
            )

        return handle

    async def _send(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        await self.desk.send_list(member, number, fields.get("version", ""), fields.get("seen", ""))
        return "liste"

    async def _resume(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        await self.desk.resume_list(member, number, fields.get("version", ""))
        return "reprise"

    async def _take(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        await self.desk.take(member, number)
        return "pris"

    async def _leave(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        await self.desk.leave(member, number)
        return "laisse"

    async def _item(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        act = next((one for one in ItemAct if one == fields.get("act")), None)
        item = row_number(fields.get("item", ""))
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        typed = TypedItem(**{name: fields.get(name, "")[:5_000] for name in TypedItem.__struct_fields__})
        await self.desk.item(member, number, fields.get("version", ""), item, act, typed)
        return "piece"

    async def _decide(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        outcome = next((one for one in DecisionOutcome if one == fields.get("outcome")), None)
        if outcome is None:
            why = "Choisissez la décision."
            raise Refusal(Code.INVALID, fields=[{"name": "outcome", "reason": why}])
        made = await self.desk.decide(
            member, number, fields.get("version", ""), outcome, fields.get("reason", "")
        )
        return "decidee" if made.on_day is not None else "proposee"

    async def _confirm(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        await self.desk.confirm(member, number, fields.get("version", ""))
        return "decidee"

    async def _withdraw(self, member: StaffMemberHere, number: str, fields: Mapping[str, str]) -> str:
        await self.desk.withdraw(member, number, fields.get("version", ""), fields.get("reason", ""))
        return "retiree"

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        found = await self.desk.view(member, request.path_params["number"])
        context = {
            "file": found, "programme": self._programme(found), "outcomes": OUTCOMES, "proposals": PROPOSALS,
            "item_states": STATES, "acts": ACTS, "acts_done": ACTS_DONE, "events": EVENTS, "offered": _offered,
            "with_reason": WITH_REASON, "format_words": format_words, "whose": whose,
            "longest_item": LONGEST_REASON, "longest_tracking": LONGEST_TRACKING,
            "longest": deciding.LONGEST_REASON, "done": DONE.get(request.query_params.get("fait", ""), ""),
        }  # fmt: skip
        return self._answer(request, "casefile.html", member, refusal, typed or {}, context)

    async def _preview(
        self, request: Request, member: StaffMemberHere, refusal: Refusal | None = None
    ) -> Response:
        found, made = await self.desk.preview(member, request.path_params["number"])
        context = {
            "file": found, "programme": self._programme(found), "list": made, "formats": FORMATS, "whose": whose,
            "new": None if found.listed is None else {one.key for one in sending.added(made, found.listed)},
        }  # fmt: skip
        return self._answer(request, "casefile_list.html", member, refusal, {}, context)

    def _answer(
        self,
        request: Request,
        template: str,
        member: StaffMemberHere,
        refusal: Refusal | None,
        typed: Mapping[str, str],
        context: Mapping[str, Any],
    ) -> Response:
        of_item = typed.get("item", "")
        errors = {f"{name}-{of_item}" if of_item else name: why for name, why in errors_of(refusal).items()}
        changed = [] if refusal is None else refusal.fields.get("changed") or []
        taken_by = None if refusal is None else refusal.fields.get("taken_by")
        return response_of(
            form_answer(
                self.render, self.tell, incoming(request), template, refusal=None if errors else refusal,
                way_on=WayOn(), errors=errors, status=422 if errors else 200, member=member, here=HERE, typed=typed,
                changed=changed, taken_by=taken_by, statuses=FILE_STATUSES, day=day_words, who=actor_words,
                event_words=EVENTS, **context,
            )
        )  # fmt: skip

    def _programme(self, found: CaseFile) -> str:
        return announced_name(found.sheet.rules, found.sheet.programme, self.desk.lists.names)


def _offered(found: CaseFile, item: Any) -> list[ItemAct]:
    """What an agent may do about a document now; explaining is the candidate's."""
    acts = handling.offered(item)
    return [act for act in acts if act is not ItemAct.EXPLAIN and found.status in OPEN_FOR[act]]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
