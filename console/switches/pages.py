"""`/personnel/fonctions`: features that are switched on by date."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.switches.states import STATES, TITLES, SwitchState
from console.record.words import actor_words
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from console.switches.desk import MAY, SEES, SwitchAct, SwitchDesk, TypedSwitch
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body, row_number

HERE: Final = "/personnel/fonctions"

DONE: Final = {
    SwitchAct.PLAN: "La mise en service est planifiée. Une seconde personne doit l’approuver avant son heure.",
    SwitchAct.APPROVE: "La mise en service est approuvée et publiée.",
    SwitchAct.END: "C’est fait; le motif est au registre.",
}
"""Act -> what is said afterwards."""

MOST_TYPED: Final = 2_000


class SwitchPages:
    """The handlers."""

    def __init__(self, desk: SwitchDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.plan, methods=["POST"]),
            Route(f"{HERE}/{{switch}}/{{switch_act}}", self.move, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """All of them, and the form of a new one."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        note = next((words for act, words in DONE.items() if act == request.query_params.get("note")), "")
        return await self._page(request, member, note=note)

    async def plan(self, request: Request) -> Response:
        """A feature is to turn on."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        typed = _typed(await form_body(request))
        return await pressed(
            lambda: self.desk.plan(member, typed),
            f"{HERE}?note={SwitchAct.PLAN}",
            lambda refusal: self._page(request, member, refusal=refusal, where="plan", typed=typed),
            raised=(),
        )

    async def move(self, request: Request) -> Response:
        """One is approved, or ended."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        id, act = row_number(request.path_params["switch"]), request.path_params["switch_act"]
        typed = _typed(await form_body(request))

        async def work() -> None:
            if act == SwitchAct.APPROVE:
                await self.desk.approve(member, id)
            elif act == SwitchAct.END:
                await self.desk.end(member, id, typed)
            else:
                raise Refusal(Code.NOT_FOUND)

        return await pressed(
            work,
            f"{HERE}?note={act}",
            lambda refusal: self._page(request, member, refusal=refusal, where=f"s{id}", typed=typed),
        )

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        where: str = "",
        typed: TypedSwitch | None = None,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        fields = [] if refusal is None else refusal.fields.get("fields", [])
        errors = {f"{where}-{field['name']}": field["reason"] for field in fields}
        view = await self.desk.view(member)
        return self.render(
            request, "staff_switches.html", status=200 if words is None else words.status, member=member, view=view,
            here=HERE, note=note, errors=errors, typed={where: msgspec.structs.asdict(typed)} if typed else {},
            titles=TITLES, states=STATES, on=SwitchState.ON, who=actor_words, programmes=self.desk.programmes,
            may_plan=bool(set(MAY[SwitchAct.PLAN]) & set(member.held)),
            refusal=None if refusal is None or words is None else shown(refusal, words, WayOn()),
        )  # fmt: skip


def _typed(fields: Mapping[str, str]) -> TypedSwitch:
    return TypedSwitch(**{name: fields.get(name, "")[:MOST_TYPED] for name in TypedSwitch.__struct_fields__})
