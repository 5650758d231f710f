"""`/api/v1/staff/tasks`: the tasks for programs of the operators (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from console.tasks.desk import SEES, TaskAct, TaskDesk, TaskView
from console.tasks.overview import AsideMail, AsideTask, KindCounts
from console.tasks.pages import LONGEST_KIND
from console.typed import page_of
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body, row_number
from server.responses import json_response

ADDRESS = "/api/v1/staff/tasks"

MAILS = "/api/v1/staff/mails"


class TaskReason(msgspec.Struct, frozen=True):
    """Body of every act: why it is done."""

    reason: str = ""


class KindReason(msgspec.Struct, frozen=True):
    """Body of trying a whole kind again."""

    kind: str
    reason: str = ""


class TaskApi:
    """The handlers."""

    def __init__(self, desk: TaskDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.show, methods=["GET"]),
            Route(f"{ADDRESS}/retry", self.retry_kind, methods=["POST"]),
            Route(f"{ADDRESS}/{{task}}/{{task_act}}", self.act, methods=["POST"]),
            Route(f"{MAILS}/{{mail}}/retry", self.retry_mail, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """`kind`, `page`. Refusals of `StaffDesk.member`."""
        member = await self.desk.staff.member(request, *SEES)
        query = request.query_params
        kind, page = query.get("kind", "")[:LONGEST_KIND], page_of(query.get("page", "1"))
        return json_response(view_shown(await self.desk.view(member, kind or None, page)))

    async def act(self, request: Request) -> Response:
        """204. `retry` or `leave`. Refusals invalid, not_found, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        act = next((one for one in TaskAct if one == request.path_params["task_act"]), None)
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        body = await json_body(request, TaskReason)
        await self.desk.act(member, act, row_number(request.path_params["task"]), body.reason)
        return Response(status_code=204)

    async def retry_mail(self, request: Request) -> Response:
        """204. Refusals as `act`."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, TaskReason)
        await self.desk.retry_mail(member, row_number(request.path_params["mail"]), body.reason)
        return Response(status_code=204)

    async def retry_kind(self, request: Request) -> Response:
        """How many were staged again, 500 at most. Refusal invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, KindReason)
        return json_response({"retried": await self.desk.retry_kind(member, body.kind, body.reason)})


def view_shown(view: TaskView) -> dict[str, Any]:
    """The view in the API's words."""
    return {
        "at": rfc3339(view.at),
        "kinds": [kind_shown(one) for one in view.kinds],
        "set_aside": [aside_shown(one) for one in view.aside],
        "more": view.has_more,
        "left": [aside_shown(one) for one in view.left],
        "mails_set_aside": view.mails_in_all,
        "mails": [mail_shown(one) for one in view.mails],
        "queue": None if view.queue is None else msgspec.to_builtins(view.queue),
    }


def kind_shown(one: KindCounts) -> dict[str, Any]:
    """One kind: its counts by stand, and since when the oldest is due."""
    return {
        "kind": one.kind,
        "known": one.is_known,
        **{str(stand): count for stand, count in one.counts.items()},
        "done_last_hour": one.done_last_hour,
        "failing": one.failing,
        "oldest_due_at": None if one.oldest_due_at is None else rfc3339(one.oldest_due_at),
    }


def aside_shown(one: AsideTask) -> dict[str, Any]:
    """A task that a person looks at."""
    return msgspec.structs.asdict(one) | {"staged_at": rfc3339(one.staged_at)}


def mail_shown(one: AsideMail) -> dict[str, Any]:
    """A mail that no server took; nothing of whom it is for, or what it says."""
    settled = None if one.settled_at is None else rfc3339(one.settled_at)
    return msgspec.structs.asdict(one) | {"settled_at": settled}
