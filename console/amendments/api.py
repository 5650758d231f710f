"""`/api/v1/agent/amendments`: amendments for agents' programs (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.amendments.api import amendment_shown
from casework.amendments.states import AmendmentAct
from console.amendments.desk import SEES, AmendmentDesk, QueuedAmendment
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body, row_number
from server.responses import json_response

ADDRESS = "/api/v1/agent/amendments"


class AmendmentQuestion(msgspec.Struct, frozen=True):
    """Body of the act: what is asked, where something is."""

    question: str = ""


class StaffAmendmentApi:
    """The handlers."""

    def __init__(self, desk: AmendmentDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.queue, methods=["GET"]),
            Route(f"{ADDRESS}/{{number}}", self.show, methods=["GET"]),
            Route(f"{ADDRESS}/{{number}}/{{serial}}/{{amendment_act}}", self.act, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """Those that wait, the oldest first. Refusals of `StaffDesk.member`."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response({"amendments": [queued_shown(one) for one in await self.desk.queue(member)]})

    async def show(self, request: Request) -> Response:
        """One file's, beside what was signed; the look is on record. Refusal not_found."""
        member = await self.desk.staff.member(request, *SEES)
        view = await self.desk.view(member, request.path_params["number"])
        return json_response(
            {
                "number": view.file.sheet.number,
                "differences": [msgspec.structs.asdict(row) for row in view.rows],
                "amendments": [amendment_shown(one) for one in view.file.amendments],
            }
        )

    async def act(self, request: Request) -> Response:
        """`acknowledge` or `ask`. Refusals not_found, invalid, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        act = next((one for one in AmendmentAct if one == request.path_params["amendment_act"]), None)
        if act is None:
            raise Refusal(Code.NOT_FOUND)
        body = await json_body(request, AmendmentQuestion)
        number, serial = request.path_params["number"], row_number(request.path_params["serial"])
        return json_response(amendment_shown(await self.desk.act(member, number, serial, act, body.question)))


def queued_shown(one: QueuedAmendment) -> dict[str, Any]:
    """One that waits; nothing of whom."""
    return {
        "number": one.number,
        "serial": one.serial,
        "kind": one.kind,
        "at": rfc3339(one.at),
        "late": one.is_late,
    }
