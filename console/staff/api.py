"""`/api/v1/staff/session`: staff of any role sign in, are told who they are, and sign out (`docs/contract.md`)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.sessions import Session
from accounts.states import SessionRole
from console import stop_pass
from console.bodies import OperatorSignIn
from console.staff.desk import StaffDesk, StaffMemberHere
from server.requests import json_body
from server.responses import json_response

ADDRESS = "/api/v1/staff/session"


class StaffApi:
    """The handlers of the one address."""

    def __init__(self, desk: StaffDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.sign_in, methods=["POST"]),
            Route(ADDRESS, self.who, methods=["GET"]),
            Route(ADDRESS, self.sign_out, methods=["DELETE"]),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Refusals invalid, bad_credentials, rate_limited, not_your_role."""
        body = await json_body(request, OperatorSignIn)
        signed_in, member = await self.desk.sign_in(request, body.username, body.password, body.code)
        response = json_response(described(signed_in.session, member))
        sessions.remember(response, self.desk.accounts, signed_in)
        return response

    async def who(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended, not_allowed, not_your_role."""
        member = await self.desk.member(request)
        return json_response(described(member.session, member))

    async def sign_out(self, request: Request) -> Response:
        """Ends the session of this browser. Refusals as `who`."""
        await self.desk.sign_out(request, await self.desk.member(request))
        response = Response(status_code=204)
        forget(response, self.desk)
        return response


def described(session: Session, member: StaffMemberHere) -> dict[str, Any]:
    """The session with the roles that its owner holds now."""
    return session.described() | {"roles": list(member.held)}


def forget(response: Response, desk: StaffDesk) -> None:
    """Take the session out of the browser, and what would let an operator stop the room without one."""
    sessions.forget(response, desk.accounts, SessionRole.OPERATOR)
    stop_pass.forget(response, secure=desk.accounts.secure)
