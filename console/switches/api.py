"""`/api/v1/staff/switches`: features that are switched on by date, for staff's programs (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.switches.plans import SwitchPlan
from console.switches.desk import SEES, SwitchAct, SwitchDesk, TypedSwitch
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body, row_number
from server.responses import json_response

ADDRESS = "/api/v1/staff/switches"


class SwitchApi:
    """The handlers."""

    def __init__(self, desk: SwitchDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.show, methods=["GET"]),
            Route(ADDRESS, self.plan, methods=["POST"]),
            Route(f"{ADDRESS}/{{switch}}/{{switch_act}}", self.move, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """All of them. Refusals of `StaffDesk.member`."""
        member = await self.desk.staff.member(request, *SEES)
        view = await self.desk.view(member)
        return json_response({"switches": [switch_shown(one, view.at) for one in view.plans]})

    async def plan(self, request: Request) -> Response:
        """201. Refusals not_your_role, invalid, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, TypedSwitch)
        return json_response(switch_shown(await self.desk.plan(member, body), now_ms()), 201)

    async def move(self, request: Request) -> Response:
        """`approve` or `end`. Refusals not_your_role, not_found, invalid, second_person_needed, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        id, act = row_number(request.path_params["switch"]), request.path_params["switch_act"]
        body = await json_body(request, TypedSwitch)
        if act == SwitchAct.APPROVE:
            return json_response(switch_shown(await self.desk.approve(member, id), now_ms()))
        if act == SwitchAct.END:
            return json_response(switch_shown(await self.desk.end(member, id, body), now_ms()))
        raise Refusal(Code.NOT_FOUND)


def switch_shown(one: SwitchPlan, now: int) -> dict[str, Any]:
    """A switch in the API's words."""
    instants = ("on_at", "planned_at", "approved_at", "turned_on_at", "told_at", "ended_at")
    values = msgspec.structs.asdict(one)
    told = {name: None if values[name] is None else rfc3339(values[name]) for name in instants}
    return values | told | {"state": one.state(now)}
