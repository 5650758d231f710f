"""`/personnel/procurations`: find a procuration by its reference, compare it with the paper, enter what came of it."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.representatives.states import KINDS, RETURN_REASONS, STATES
from console.procurations.desk import SEES, ProcurationAct, ProcurationDesk, StaffView, TypedProcuration
from console.record.words import act_words, actor_words
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render, day_words
from server.requests import form_body

HERE: Final = "/personnel/procurations"

LONGEST_REFERENCE: Final = 40

NOT_FOUND: Final = (
    "Aucune procuration n’a cette référence. Comparez chaque lettre avec le papier; sans référence, gardez le papier "
    "et cherchez le dossier avec une agente ou un agent."
)

DONE: Final = {
    ProcurationAct.RECEIVE: "La procuration est inscrite.",
    ProcurationAct.RETURN: "Le retour est inscrit. Postez le papier à la personne candidate.",
    ProcurationAct.UNDO: "L’inscription est annulée.",
    ProcurationAct.THAW: "La suspension est levée.",
}
"""Act -> what is said afterwards."""


class ProcurationPages:
    """The handlers."""

    def __init__(self, desk: ProcurationDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(f"{HERE}/{{act}}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The search, and the file that was found."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        query = request.query_params
        reference = query.get("reference", "")[:LONGEST_REFERENCE]
        note = next((words for act, words in DONE.items() if act == query.get("note")), "")
        if not reference.strip():
            return self._page(request, member, None, reference)
        try:
            view = await self.desk.view(member, reference)
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._page(request, member, None, reference, errors={"reference": NOT_FOUND}, status=404)
        return self._page(request, member, view, reference, note=note)

    async def act(self, request: Request) -> Response:
        """One pressed button; a refusal stands above the forms, with what was typed."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        act = next((one for one in ProcurationAct if one == request.path_params["act"]), None)
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        fields = await form_body(request)
        reference = fields.get("reference", "")[:LONGEST_REFERENCE]
        typed = TypedProcuration(
            **{name: fields.get(name, "")[:2_000] for name in TypedProcuration.__struct_fields__}
        )
        return await pressed(
            lambda: self.desk.act(member, act, reference, typed),
            lambda of: f"{HERE}?reference={of.reference}&note={act}",
            lambda refusal: self._refused(request, member, act, reference, typed, refusal),
            raised=(),
        )

    async def _refused(
        self,
        request: Request,
        member: StaffMemberHere,
        act: ProcurationAct,
        reference: str,
        typed: TypedProcuration,
        refusal: Refusal,
    ) -> Response:
        try:
            view = await self.desk.view(member, reference)
        except Refusal as unknown:
            if unknown.code != Code.NOT_FOUND:
                raise
            return self._page(request, member, None, reference, errors={"reference": NOT_FOUND}, status=404)
        found = {f"{act}-{field['name']}": field["reason"] for field in refusal.fields.get("fields", [])}
        return self._page(
            request,
            member,
            view,
            reference,
            errors=found,
            refusal=refusal,
            typed={act: msgspec.structs.asdict(typed)},
        )

    def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        view: StaffView | None,
        reference: str,
        *,
        note: str = "",
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        typed: Mapping[str, Mapping[str, str]] | None = None,
        status: int = 200,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        return self.render(
            request,
            "staff_procuration.html",
            status=status if words is None else words.status,
            member=member,
            view=view,
            here=HERE,
            reference=reference,
            note=note,
            errors=errors or {},
            refusal=None if refusal is None or words is None else shown(refusal, words, WayOn()),
            typed=typed or {},
            offered=[] if view is None else view.offered(member.held),
            kinds=KINDS,
            states=STATES,
            what=act_words,
            reasons=RETURN_REASONS,
            day=day_words,
            who=actor_words,
        )
