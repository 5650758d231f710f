"""`/personnel/taches`: the tasks by kind, what was set aside, and the buttons that do it again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from console.tasks.desk import SEES, TaskAct, TaskDesk
from console.tasks.states import STANDS, TaskStand
from console.typed import page_of
from foundation.errors import Code, Refusal
from foundation.mail.store import MAIL
from server.rendering.forms import Tell, WayOn, shown
from server.rendering.templating import Render
from server.requests import form_body, row_number

HERE: Final = "/personnel/taches"

LONGEST_KIND: Final = 80

DONE: Final = {
    "reprise": "C’est repris : un travailleur s’en charge dans les secondes qui viennent.",
    "laissee": "La tâche est laissée; le motif est au registre.",
}
"""Note in the address -> what is said."""

NOTES: Final = {TaskAct.RETRY: "reprise", TaskAct.LEAVE: "laissee"}


class TaskPages:
    """The handlers."""

    def __init__(self, desk: TaskDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HERE, self.show, methods=["GET"]),
            Route(f"{HERE}/genre", self.retry_kind, methods=["POST"]),
            Route(f"{HERE}/courriels/{{mail}}", self.retry_mail, methods=["POST"]),
            Route(f"{HERE}/{{task}}/{{act}}", self.act, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The figures and the lists."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        return await self._page(request, member, note=DONE.get(request.query_params.get("note", ""), ""))

    async def act(self, request: Request) -> Response:
        """Do one task again, or leave it."""
        act = next((one for one in TaskAct if one == request.path_params["act"]), None)
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        task = row_number(request.path_params["task"])
        return await self._acted(
            request, f"t{task}", NOTES[act], lambda member, why: self.desk.act(member, act, task, why)
        )

    async def retry_mail(self, request: Request) -> Response:
        """Post a mail anew."""
        mail = row_number(request.path_params["mail"])
        return await self._acted(
            request, f"m{mail}", "reprise", lambda member, why: self.desk.retry_mail(member, mail, why)
        )

    async def retry_kind(self, request: Request) -> Response:
        """Do all of one kind again."""
        kind = (await form_body(request)).get("kind", "")[:LONGEST_KIND]
        return await self._acted(
            request, f"k-{kind}", "reprise", lambda member, why: self.desk.retry_kind(member, kind, why)
        )

    async def _acted(
        self,
        request: Request,
        where: str,
        note: str,
        act: Callable[[StaffMemberHere, str], Awaitable[object]],
    ) -> Response:
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        reason = (await form_body(request)).get("reason", "")

        async def again(refusal: Refusal) -> Response:
            fields = refusal.fields.get("fields", [])
            errors = {f"{where}-{field['name']}": field["reason"] for field in fields}
            return await self._page(
                request, member, errors=errors, refusal=refusal, typed={where: reason[:1_000]}
            )

        return await pressed(lambda: act(member, reason), f"{HERE}?note={note}", again)

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        note: str = "",
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        kind = request.query_params.get("genre", "")[:LONGEST_KIND]
        page = page_of(request.query_params.get("page", "1"))
        words = None if refusal is None else self.tell(refusal)
        view = await self.desk.view(member, kind or None, page)
        return self.render(
            request, "staff_tasks.html", status=200 if words is None else words.status, member=member, view=view,
            here=HERE, kind=kind, page=page, note=note, errors=errors or {}, typed=typed or {}, stands=STANDS,
            aside=TaskStand.SET_ASIDE, mail=MAIL,
            refusal=None if refusal is None or words is None else shown(refusal, words, WayOn()),
        )  # fmt: skip
