"""`/api/v1/staff/proclaimed-days`: days that are proclaimed holidays, for programs (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.deadlines.proclaiming import Proclamation
from casework.files.numbers import file_number
from console.proclaimed_days.desk import SEES, ProclaimedDayDesk, ProclamationPreview
from foundation.clock import now_ms, parse_rfc3339, rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body
from server.responses import json_response

ADDRESS = "/api/v1/staff/proclaimed-days"


class ProclaimedBody(msgspec.Struct, frozen=True):
    """Body of the POST: the day, and why it is a holiday, as people will read it."""

    day: str
    name: str


class ConfirmedBody(msgspec.Struct, frozen=True):
    """Body of the confirmation: the `asked_at` of what was read."""

    asked_at: str


class ProclaimedDayApi:
    """The handlers."""

    def __init__(self, desk: ProclaimedDayDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = f"{ADDRESS}/{{day}}"
        return [
            Route(ADDRESS, self.every, methods=["GET"]),
            Route(ADDRESS, self.enter, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/confirm", self.confirm, methods=["POST"]),
            Route(f"{one}/drop", self.drop, methods=["POST"]),
        ]

    async def every(self, request: Request) -> Response:
        """Every day that was entered. Refusals of `StaffDesk.member`."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response([described(one) for one in await self.desk.every(member)])

    async def show(self, request: Request) -> Response:
        """One day, and every open deadline that it moves or has yet to move. Refusal not_found."""
        await self.desk.staff.member(request, *SEES)
        one = await self.desk.entered(request.path_params["day"])
        return json_response(described(one) | previewed(await self.desk.preview_of(one)))

    async def enter(self, request: Request) -> Response:
        """201. Refusals not_your_role, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, ProclaimedBody)
        return json_response(described(await self.desk.enter(member, body.day, body.name)), 201)

    async def confirm(self, request: Request) -> Response:
        """200. Refusals not_your_role, not_found, second_person_needed, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, ConfirmedBody)
        asked_at = instant_in(body.asked_at)
        return json_response(described(await self.desk.confirm(member, request.path_params["day"], asked_at)))

    async def drop(self, request: Request) -> Response:
        """204. Refusals not_your_role, not_found, move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        await self.desk.drop(member, request.path_params["day"])
        return Response(status_code=204)


def instant_in(text: str) -> int:
    """The instant of what was read. Refusal invalid."""
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        wrong = {"name": "asked_at", "reason": "Donnez l’instant « asked_at » du jour que vous avez lu."}
        raise Refusal(Code.INVALID, fields=[wrong]) from None


def described(one: Proclamation) -> dict[str, Any]:
    """A day as staff read it. `waits`: whether it still waits for a second person."""
    return {
        "day": one.day.isoformat(),
        "name": one.name,
        "is_holiday": one.is_holiday,
        "waits": one.waits(now_ms()),
        "author": one.author,
        "asked_at": rfc3339(one.asked_at),
        "approver": one.approver,
        "approved_at": None if one.approved_at is None else rfc3339(one.approved_at),
        "moved_at": None if one.moved_at is None else rfc3339(one.moved_at),
    }


def previewed(preview: ProclamationPreview) -> dict[str, Any]:
    """Every deadline that moves, by the number of its file."""
    moves = [
        {
            "file": file_number(one.submission),
            "deadline": one.one.name,
            "from_day": one.one.told.isoformat(),
            "to_day": one.one.last_day.isoformat(),
        }
        for one in preview.moves
    ]
    return {"counted": preview.counted, "moves": moves}
