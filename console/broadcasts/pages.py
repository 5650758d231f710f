"""`/personnel/envois`: write to many, see what three of them will get, confirm, agree, follow, stop."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from casework.files.states import STATUSES
from casework.mailbox.audiences import AUDIENCE_KINDS
from casework.mailbox.states import ALONE_UP_TO, BROADCAST_STATES, BroadcastAct, BroadcastState, takes_two
from casework.mailbox.titles import LONGEST
from casework.mailbox.typed import LONGEST_TEXT
from console.agents.forms import DeskForms
from console.broadcasts import forms
from console.broadcasts.desk import MAY, SEES, WRITES, BroadcastDesk, BroadcastView
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Code, Refusal
from quota.approvals import is_same
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body, row_number

HERE: Final = "/personnel/envois"

BUTTONS: Final = {
    "confirmer": BroadcastAct.CONFIRM,
    "approuver": BroadcastAct.APPROVE,
    "rendre": BroadcastAct.GIVE_BACK,
    "abandonner": BroadcastAct.DROP,
    "arreter": BroadcastAct.STOP,
    "reprendre": BroadcastAct.RESUME,
}
"""Last word of an address that a button posts to -> its act."""

DONE: Final = {
    BroadcastAct.WRITE: "Le message est enregistré. Personne ne l’a reçu.",
    BroadcastAct.CONFIRM: "L’envoi est confirmé.",
    BroadcastAct.APPROVE: "L’envoi est approuvé, et commence.",
    BroadcastAct.GIVE_BACK: "L’envoi est rendu à la personne qui l’a écrit.",
    BroadcastAct.DROP: "L’envoi est abandonné. Personne n’a rien reçu.",
    BroadcastAct.STOP: "L’envoi est arrêté. Personne d’autre ne reçoit ce message.",
    BroadcastAct.RESUME: "L’envoi reprend, pour les personnes qui n’ont pas reçu le message.",
}
"""Act -> what is said afterwards."""

OTHERS: Final = (
    "La liste des destinataires a changé depuis que vous l’avez vue : elle compte maintenant {} {}."
)
"""What is said to somebody who confirmed for people who are not those of now."""

ON_PAGE: Final = frozenset(
    {Code.INVALID, Code.CHANGED_MEANWHILE, Code.MOVE_NOT_ALLOWED, Code.SECOND_PERSON_NEEDED}
)
"""Refusals that are said on the page of the broadcast, which shows how it is now."""


class BroadcastPages:
    """The handlers."""

    def __init__(self, desk: BroadcastDesk, render: Render, tell: Tell) -> None:
        self.desk, self.forms = desk, DeskForms(render, tell)

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/personnel/envois", self.listed, methods=["GET"]),
            Route(f"{HERE}/nouveau", self.write, methods=["GET", "POST"]),
            Route(f"{HERE}/{{id}}", self.show, methods=["GET"]),
            Route(f"{HERE}/{{id}}/modifier", self.rewrite, methods=["GET", "POST"]),
            Route(f"{HERE}/{{id}}/confirmer", self.confirm, methods=["GET"]),
            Route(f"{HERE}/{{id}}/{{act}}", self.act, methods=["POST"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The newest ones, whatever became of them."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        found = await self.desk.listed()
        return self._page(
            request, "staff_broadcasts.html", member, broadcasts=found, progress=await self.desk.under_way(found),
            may_write=bool(set(WRITES) & set(member.held)),
        )  # fmt: skip

    async def write(self, request: Request) -> Response:
        """The form of a new one; a refusal keeps what was typed."""
        member = await self.desk.staff.at_page(request, *WRITES)
        if isinstance(member, Response):
            return member
        if request.method != "POST":
            return await self._form(request, member)
        return await self._written(request, member, None)

    async def rewrite(self, request: Request) -> Response:
        """The form of one that is a draft, for its author."""
        member = await self.desk.staff.at_page(request, *WRITES)
        if isinstance(member, Response):
            return member
        id = row_number(request.path_params["id"])
        if request.method == "POST":
            return await self._written(request, member, id)
        of = (await self.desk.view(member, id)).of
        if of.state is not BroadcastState.DRAFT or not is_same(of.author, member.username):
            return RedirectResponse(f"{HERE}/{id}", 303)
        typed = forms.typed_of(of.said, of.audience) | {"version": str(of.version)}
        return await self._form(request, member, typed, id=id)

    async def _written(self, request: Request, member: StaffMemberHere, id: int | None) -> Response:
        fields = await form_body(request)
        return await pressed(
            lambda: self.desk.write(member, fields, id),
            lambda of: f"{HERE}/{of.id}",
            lambda refusal: self._form(request, member, fields, refusal, id),
            shown=ON_PAGE,
        )

    async def _form(
        self,
        request: Request,
        member: StaffMemberHere,
        typed: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        id: int | None = None,
    ) -> Response:
        return self._page(
            request, "staff_broadcast_form.html", member, refusal, typed, id=id, kinds=AUDIENCE_KINDS,
            statuses=STATUSES, programmes=self.desk.programmes, periods=await self.desk.periods(),
            longest_title=LONGEST, longest_text=LONGEST_TEXT, status_field=forms.STATUS_FIELD,
        )  # fmt: skip

    async def show(self, request: Request) -> Response:
        """Where it stands: beforehand what three people will get, then how far it has come."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        note = next((words for act, words in DONE.items() if act == request.query_params.get("note")), "")
        return await self._show(request, member, row_number(request.path_params["id"]), note=note)

    async def confirm(self, request: Request) -> Response:
        """The number once more, and the button: for the people who were shown (`vu`), or none at all."""
        member = await self.desk.staff.at_page(request, *WRITES)
        if isinstance(member, Response):
            return member
        id = row_number(request.path_params["id"])
        view = await self.desk.view(member, id)
        if view.of.state is not BroadcastState.DRAFT or not is_same(view.of.author, member.username):
            return RedirectResponse(f"{HERE}/{id}", 303)
        if request.query_params.get("vu") != view.digest:
            changed = Refusal(Code.CHANGED_MEANWHILE, count=view.count)
            return await self._show(request, member, id, changed)
        return self._page(request, "staff_broadcast_confirm.html", member, **await self._seen(view))

    async def act(self, request: Request) -> Response:
        """One pressed button; a refusal stands on the page of the broadcast as it is now."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        act = BUTTONS.get(request.path_params["act"])
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        id, fields = row_number(request.path_params["id"]), await form_body(request)
        return await pressed(
            lambda: self.desk.act(member, act, id, fields),
            f"{HERE}/{id}?note={act}",
            lambda refusal: self._show(request, member, id, refusal),
            shown=ON_PAGE,
        )

    async def _show(
        self,
        request: Request,
        member: StaffMemberHere,
        id: int,
        refusal: Refusal | None = None,
        note: str = "",
    ) -> Response:
        view = await self.desk.view(member, id)
        changed = ""
        if refusal is not None and "count" in refusal.fields:
            changed = OTHERS.format(view.count, "personne" if view.count == 1 else "personnes")
        return self._page(
            request, "staff_broadcast.html", member, refusal, note="" if refusal else note, changed=changed,
            is_author=is_same(view.of.author, member.username), held=member.held, may=MAY, **await self._seen(view),
        )  # fmt: skip

    async def _seen(self, view: BroadcastView) -> dict[str, Any]:
        periods = {one.uid: one.name for one in await self.desk.periods()}
        return {
            "view": view,
            "of": view.of,
            "audience": forms.audience_words(view.of.audience, self.desk.programmes, periods),
            "takes_two": takes_two(view.count),
            "alone_up_to": ALONE_UP_TO,
        }

    def _page(
        self,
        request: Request,
        template: str,
        member: StaffMemberHere,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        return self.forms.page(
            request, template, refusal, typed, member=member, here=HERE, states=BROADCAST_STATES, **context
        )
