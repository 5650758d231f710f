"""`/personnel/membres`: who is on the staff, one member's page, and forms that change access. Whole without scripts.

What is handed over (a password to begin with, a code to enter once with) is shown once, in the answer to a press.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.candidates import LONGEST_USERNAME
from accounts.operators import granting
from accounts.roles import STAFF
from console.access.api import AccessApi
from console.access.desk import LONGEST_REASON, MAY, SEES, AccessAct, AccessDesk, HandedSecrets, TypedMember
from console.record.words import actor_words, entry_words
from console.staff.desk import StaffDesk, StaffMemberHere
from console.staff.words import ROLES_FR
from console.typed import page_of
from foundation.errors import Code, Refusal, Unavailable
from quota.approvals import is_same
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body, row_number

HERE: Final = "/personnel/membres"

DONE: Final = {
    "accorde": "Le rôle est accordé.",
    "demande": "Le rôle est demandé. Une autre personne doit le confirmer d’ici un jour.",
    "repris": "La demande est reprise. Rien n’a été accordé.",
    "decline": "Le rôle est décliné. Rien n’a été accordé; la page de la personne dit par qui et pourquoi.",
    "retire": "Le rôle est retiré.",
    "parti": "La personne est retirée du personnel; ce qu’elle a fait garde son nom.",
}
"""Word of the address -> what is said."""

MOST_TYPED: Final = 2 * LONGEST_REASON


class AccessPages:
    """The handlers."""

    def __init__(self, desk: AccessDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(HERE, self.add, methods=["POST"]),
            Route(f"{HERE}/demandes/{{asked}}/confirmer", self.confirm, methods=["POST"]),
            Route(f"{HERE}/demandes/{{asked}}/abandonner", self.drop, methods=["POST"]),
            Route(f"{HERE}/{{member}}", self.one, methods=["GET"]),
            Route(f"{HERE}/{{member}}/{{access_act}}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Everybody; with `retires` those who were removed, too."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._list(request, member, note=DONE.get(request.query_params.get("note", ""), ""))

    async def add(self, request: Request) -> Response:
        """Somebody comes; what is handed over is the answer."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        typed = TypedMember(
            username=fields.get("username", "")[:LONGEST_USERNAME],
            roles=tuple(role for role in STAFF if fields.get(f"role-{role}")),
            reason=fields.get("reason", "")[:MOST_TYPED],
        )
        try:
            handed = await self.desk.add(member, typed)
        except Unavailable:
            raise
        except Refusal as refusal:
            return await self._list(request, member, refusal=refusal, typed=typed)
        return self._handed(request, member, handed)

    async def confirm(self, request: Request) -> Response:
        """The second person."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        try:
            await self.desk.confirm(member, row_number(request.path_params["asked"]))
        except Unavailable:
            raise
        except Refusal as refusal:
            return await self._list(request, member, refusal=refusal)
        return RedirectResponse(f"{HERE}?note=accorde", 303)

    async def drop(self, request: Request) -> Response:
        """Taken back by who asked, or declined by somebody else."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        asked = row_number(request.path_params["asked"])
        reason = (await form_body(request)).get("reason", "")[:MOST_TYPED]
        try:
            dropped = await self.desk.drop(member, asked, reason)
        except Unavailable:
            raise
        except Refusal as refusal:
            return await self._list(request, member, refusal=refusal, dropping=(asked, reason))
        note = "repris" if is_same(dropped.author, member.username) else "decline"
        return RedirectResponse(f"{HERE}?note={note}", 303)

    async def one(self, request: Request) -> Response:
        """One of them."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        note = DONE.get(request.query_params.get("note", ""), "")
        return await self._card(request, member, row_number(request.path_params["member"]), note=note)

    async def act(self, request: Request) -> Response:
        """One pressed button of a member's page."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        id, act = row_number(request.path_params["member"]), request.path_params["access_act"]
        fields = await form_body(request)
        try:
            return await self._acted(request, member, id, act, fields)
        except Unavailable:
            raise
        except Refusal as refusal:
            if refusal.code == Code.NOT_FOUND:
                raise
            return await self._card(request, member, id, refusal=refusal, act=act, fields=fields)

    async def _acted(
        self, request: Request, member: StaffMemberHere, id: int, act: str, fields: Mapping[str, str]
    ) -> Response:
        role, reason = fields.get("role", ""), fields.get("reason", "")[:MOST_TYPED]
        if act == AccessAct.GRANT:
            note = "accorde" if await self.desk.grant(member, id, role, reason) else "demande"
            return RedirectResponse(f"{HERE}/{id}?note={note}", 303)
        if act == AccessAct.END:
            await self.desk.end(member, id, role, reason)
            return RedirectResponse(f"{HERE}/{id}?note=retire", 303)
        if act == AccessAct.RESET:
            return self._handed(request, member, await self.desk.reset(member, id, reason))
        if act == AccessAct.REMOVE:
            await self.desk.remove(member, id, reason)
            return RedirectResponse(f"{HERE}?note=parti", 303)
        raise Refusal(Code.NOT_FOUND)

    def _handed(self, request: Request, member: StaffMemberHere, handed: HandedSecrets) -> Response:
        return self.render(
            request, "staff_access_handed.html", secret=True, member=member, here=HERE, handed=handed,
            asked=[ROLES_FR[role] for role in handed.asked],
        )  # fmt: skip

    async def _list(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        typed: TypedMember | None = None,
        dropping: tuple[int, str] | None = None,
    ) -> Response:
        query = request.query_params
        removed, page = "retires" in query, page_of(query.get("page", "1"))
        view = await self.desk.everybody(member, removed=removed, page=page)
        where = "add" if dropping is None else f"drop-{dropping[0]}"
        return self.render(
            request, "staff_access.html", status=self._status(refusal), view=view, removed=removed,
            note=note, typed=typed or TypedMember(), errors=errors_of(refusal, where), dropping=dropping,
            **self._shared(member, refusal),
        )  # fmt: skip

    async def _card(
        self,
        request: Request,
        member: StaffMemberHere,
        id: int,
        *,
        note: str = "",
        refusal: Refusal | None = None,
        act: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> Response:
        card = await self.desk.one(member, id)
        return self.render(
            request, "staff_access_member.html", status=self._status(refusal), card=card, note=note,
            errors=errors_of(refusal, act), act=act, typed=fields or {}, is_own=member.session.owner == id,
            lines=[entry_words(line, card.at) for line in card.acts], **self._shared(member, refusal),
        )  # fmt: skip

    def _status(self, refusal: Refusal | None) -> int:
        return 200 if refusal is None else self.tell(refusal).status

    def _shared(self, member: StaffMemberHere, refusal: Refusal | None) -> dict[str, Any]:
        """What both pages show alike."""
        may = {act for act in AccessAct if set(MAY[act]) & set(member.held)}
        told = None if refusal is None else shown(refusal, self.tell(refusal), WayOn())
        return {
            "member": member, "here": HERE, "may": may, "refusal": told, "roles": ROLES_FR, "who": actor_words,
            "by_two": granting.BY_TWO, "is_same": is_same,
        }  # fmt: skip


def errors_of(refusal: Refusal | None, where: str) -> dict[str, str]:
    """The sentence beside each wrong field of the form that was sent, by the field's id. Pure."""
    fields = [] if refusal is None else refusal.fields.get("fields", [])
    return {f"{where}-{field['name']}": field["reason"] for field in fields}


def routes(desk: StaffDesk, render: Render, tell: Tell) -> list[BaseRoute]:
    """The pages of who has access, and the calls beside them."""
    access = AccessDesk(desk)
    return [*AccessPages(access, render, tell).routes(), *AccessApi(access).routes()]
