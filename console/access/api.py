"""`/api/v1/staff/members` and `/api/v1/staff/role-requests`: who has access, for programs (`docs/contract.md`).

The same desk as the page's: what one person may, two must, and who sees what is decided there.
"""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.candidates import LONGEST_USERNAME
from accounts.operators.granting import AskedRole
from accounts.staff import ListedMember
from console.access.desk import SEES, AccessDesk, HandedSecrets, StaffCard, TypedMember
from console.record.entries import line_shown
from console.typed import page_of, wrong_field
from foundation.clock import rfc3339
from server.requests import json_body, row_number
from server.responses import json_response

MEMBERS: Final = "/api/v1/staff/members"

ROLE_REQUESTS: Final = "/api/v1/staff/role-requests"


class NewMember(msgspec.Struct, frozen=True):
    """Body of adding somebody: their name, the roles they are to have, and why."""

    username: str
    roles: list[str]
    reason: str


class WantedRole(msgspec.Struct, frozen=True):
    """Body of granting a role and of ending one: which, and why."""

    role: str
    reason: str


class AccessReason(msgspec.Struct, frozen=True):
    """Body of every other act that says no or takes away: why it is done."""

    reason: str


class AccessApi:
    """The handlers."""

    def __init__(self, desk: AccessDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one, asked = f"{MEMBERS}/{{member}}", f"{ROLE_REQUESTS}/{{role_request}}"
        return [
            Route(MEMBERS, self.every, methods=["GET"]),
            Route(MEMBERS, self.add, methods=["POST"]),
            Route(one, self.one, methods=["GET"]),
            Route(f"{one}/grant", self.grant, methods=["POST"]),
            Route(f"{one}/end", self.end, methods=["POST"]),
            Route(f"{one}/reset", self.reset, methods=["POST"]),
            Route(f"{one}/remove", self.remove, methods=["POST"]),
            Route(f"{asked}/confirm", self.confirm, methods=["POST"]),
            Route(f"{asked}/drop", self.drop, methods=["POST"]),
        ]

    async def every(self, request: Request) -> Response:
        """`page`, and `removed=1` for those who were, too. Refusals of `StaffDesk.member`."""
        member = await self.desk.staff.member(request, *SEES)
        query = request.query_params
        removed, page = query.get("removed", "") in {"1", "true"}, page_of(query.get("page", "1"))
        view = await self.desk.everybody(member, removed=removed, page=page)
        return json_response({
            "at": rfc3339(view.at), "members": [member_shown(one) for one in view.members],
            "requests": [request_shown(one) for one in view.asked], "page": view.page, "more": view.has_more,
        })  # fmt: skip

    async def one(self, request: Request) -> Response:
        """One member, a look on the record. Refusal not_found."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response(card_shown(await self.desk.one(member, id_of(request))))

    async def add(self, request: Request) -> Response:
        """201, with what is handed over, shown this once. Refusals not_your_role, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, NewMember)
        if len(body.username) > LONGEST_USERNAME:
            raise wrong_field("username", f"doit avoir {LONGEST_USERNAME} caractères au plus")
        typed = TypedMember(username=body.username, roles=tuple(body.roles), reason=body.reason)
        return json_response(handed_shown(await self.desk.add(member, typed)), 201)

    async def grant(self, request: Request) -> Response:
        """200, and whether it is granted or waits. Refusals not_your_role, not_found, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, WantedRole)
        granted = await self.desk.grant(member, id_of(request), body.role, body.reason)
        return json_response({"state": "granted" if granted else "asked"})

    async def end(self, request: Request) -> Response:
        """204. Refusals as `grant`."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, WantedRole)
        await self.desk.end(member, id_of(request), body.role, body.reason)
        return Response(status_code=204)

    async def reset(self, request: Request) -> Response:
        """200, with the code to enter once with, shown this once. Refusals as `grant`."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, AccessReason)
        return json_response(handed_shown(await self.desk.reset(member, id_of(request), body.reason)))

    async def remove(self, request: Request) -> Response:
        """204. Refusals as `grant`."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, AccessReason)
        await self.desk.remove(member, id_of(request), body.reason)
        return Response(status_code=204)

    async def confirm(self, request: Request) -> Response:
        """200, what is granted now. Refusals not_your_role, not_found, second_person_needed, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        asked = row_number(request.path_params["role_request"])
        return json_response(request_shown(await self.desk.confirm(member, asked)))

    async def drop(self, request: Request) -> Response:
        """204: taken back by who asked, or declined. Refusals not_your_role, not_found, invalid."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, AccessReason)
        await self.desk.drop(member, row_number(request.path_params["role_request"]), body.reason)
        return Response(status_code=204)


def id_of(request: Request) -> int:
    """The number of the member in an address. Refusal not_found for what is none."""
    return row_number(request.path_params["member"])


def member_shown(one: ListedMember) -> dict[str, Any]:
    """A member as the list has them. `second_factor`: `set`, `owed` (they enter once with a code) or `none`."""
    return {
        "id": one.id, "username": one.username, "roles": one.roles,
        "second_factor": "set" if one.totp else "owed" if one.enters else "none", "sessions": one.sessions,
        "created_at": rfc3339(one.created_at), "last_sign_in_at": _told(one.last_sign_in_at),
        "removed_at": _told(one.removed_at),
    }  # fmt: skip


def request_shown(one: AskedRole) -> dict[str, Any]:
    """A role that was asked for: for whom, by whom, why, when."""
    return {
        "id": one.id, "member": one.member, "username": one.username, "role": one.role, "author": one.author,
        "reason": one.reason, "asked_at": rfc3339(one.asked_at),
    }  # fmt: skip


def card_shown(card: StaffCard) -> dict[str, Any]:
    """One member with every role that they hold or held, what waits for a second person, and what was done lately."""
    return member_shown(card.member) | {
        "held": [
            {"role": one.role, "from_at": rfc3339(one.from_at), "until_at": _told(one.until_at),
             "granted_by": one.granted_by}
            for one in card.roles
        ],
        "requests": [request_shown(one) for one in card.asked],
        "acts": [line_shown(line) for line in card.acts],
    }  # fmt: skip


def handed_shown(handed: HandedSecrets) -> dict[str, Any]:
    """What is handed over; `password` is null where it stays as it is."""
    return {
        "id": handed.id, "username": handed.username, "code": handed.code,
        "password": handed.password or None, "asked": list(handed.asked),
    }  # fmt: skip


def _told(instant: int | None) -> str | None:
    return None if instant is None else rfc3339(instant)
