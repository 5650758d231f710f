"""`/api/v1/staff/procurations`: what staff do with procurations that come by mail (`docs/contract.md`)."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.representatives.powers import PowerEvent, Representation
from console.procurations.desk import SEES, ProcurationAct, ProcurationDesk, StaffView, TypedProcuration
from foundation.clock import rfc3339
from server.requests import json_body
from server.responses import json_response

ADDRESS = "/api/v1/staff/procurations"


class ReceivedBody(msgspec.Struct, frozen=True):
    """Body of the POST: the reference that stands on the paper, and its days."""

    reference: str
    received_on: str = ""
    postmarked_on: str = ""


class ProcurationApi:
    """The handlers."""

    def __init__(self, desk: ProcurationDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        one = f"{ADDRESS}/{{reference}}"
        later = (act for act in ProcurationAct if act is not ProcurationAct.RECEIVE)
        return [
            Route(ADDRESS, self.receive, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            *(Route(f"{one}/{act}", self.doing(act), methods=["POST"]) for act in later),
        ]

    async def receive(self, request: Request) -> Response:
        """201. Refusals not_signed_in, session_ended, not_allowed, not_your_role, not_found, invalid,
        move_not_allowed."""
        member = await self.desk.staff.member(request, *SEES)
        body = await json_body(request, ReceivedBody)
        typed = TypedProcuration(body.received_on, body.postmarked_on)
        of = await self.desk.act(member, ProcurationAct.RECEIVE, body.reference, typed)
        return json_response(described(of), 201)

    async def show(self, request: Request) -> Response:
        """The file, a look on the record. Refusals as `receive`."""
        member = await self.desk.staff.member(request, *SEES)
        return json_response(viewed(await self.desk.view(member, request.path_params["reference"])))

    def doing(self, act: ProcurationAct) -> Callable[[Request], Awaitable[Response]]:
        """The handler of another act."""

        async def call(request: Request) -> Response:
            member = await self.desk.staff.member(request, *SEES)
            typed = await json_body(request, TypedProcuration)
            return json_response(
                described(await self.desk.act(member, act, request.path_params["reference"], typed))
            )

        return call


def described(of: Representation) -> dict[str, Any]:
    """Where a procuration stands; nothing of who it is about."""
    return {
        "reference": of.reference,
        "kind": of.kind,
        "state": of.state,
        "received_on": of.received_on,
        "postmarked_on": of.postmarked_on,
    }


def viewed(view: StaffView) -> dict[str, Any]:
    """The same with both names, to be compared with the paper."""
    details = view.of.details
    names = {"candidate": view.candidate, "representative": details.full_name, "number": details.number}
    return described(view.of) | names | {"history": [_event(event) for event in view.history]}


def _event(event: PowerEvent) -> dict[str, Any]:
    return {
        "move": event.move,
        "state": event.after,
        "at": rfc3339(event.at),
        "actor": event.actor,
        "role": event.role,
        "reason": event.reason,
        "received_on": event.received_on,
        "postmarked_on": event.postmarked_on,
    }
