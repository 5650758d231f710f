"""`/api/v1/staff/second-factor`: a member of staff's own second factor, for programs (`docs/contract.md`).

The acts are those of the page (`accounts/operators/enrolment.py`), and so is what is on the record. Who has yet to set
one up is let in here, too.
"""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.candidates import LONGEST_SECRET
from accounts.operators import enrolment
from accounts.second_factor.api import FactorAgain, FirstCode, codes_shown, factor_shown, secret_shown
from accounts.second_factor.totp import LONGEST_CODE
from console.staff.desk import StaffDesk
from server.requests import incoming, json_body
from server.responses import json_response

STAFF_FACTOR: Final = "/api/v1/staff/second-factor"


class StaffFactorBegun(msgspec.Struct, frozen=True):
    """Body of beginning: the password, and a code of the second factor that there is, if there is one."""

    password: str
    code: str = ""


class OwnAccessApi:
    """The handlers, for whoever is signed in alone."""

    def __init__(self, desk: StaffDesk, issuer: str) -> None:
        self.desk, self.accounts, self.issuer = desk, desk.accounts, issuer

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(STAFF_FACTOR, self.show, methods=["GET"]),
            Route(STAFF_FACTOR, self.begin, methods=["POST"]),
            Route(f"{STAFF_FACTOR}/confirm", self.confirm, methods=["POST"]),
            Route(STAFF_FACTOR, self.remove, methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Response:
        """What there is. Refusals of `StaffDesk.member`, but second_factor_missing."""
        member = await self.desk.member(request, owing=True)
        factor = await enrolment.own_factor(self.accounts, member.session)
        waits = await enrolment.waiting(self.accounts, member.session) is not None
        return json_response(
            factor_shown(is_set=factor.is_set, begun=waits, left=factor.left, may_remove=factor.may_remove)
        )

    async def begin(self, request: Request) -> Response:
        """201, with the secret. Refusals as `show`; rate_limited, bad_credentials, bad_code. Unavailable."""
        member = await self.desk.member(request, owing=True)
        body = await json_body(request, StaffFactorBegun)
        password, code = body.password[:LONGEST_SECRET], body.code[:LONGEST_CODE]
        secret = await self.desk.on_record(
            member, "own access begin",
            lambda: enrolment.begin(self.accounts, incoming(request), member.session, password, code),
        )  # fmt: skip
        return json_response(secret_shown(secret, member.username, self.issuer), 201)

    async def confirm(self, request: Request) -> Response:
        """200, with the recovery codes. Refusals as `show`; rate_limited, bad_code."""
        member = await self.desk.member(request, owing=True)
        code = (await json_body(request, FirstCode)).code[:LONGEST_CODE]
        made = await self.desk.on_record(
            member, "own access confirm",
            lambda: enrolment.confirm(self.accounts, incoming(request), member.session, code, member.actor),
        )  # fmt: skip
        return json_response(codes_shown(made))

    async def remove(self, request: Request) -> Response:
        """204, also where there is none. Refusals as `begin`; not_found where the installation asks it of everybody."""
        member = await self.desk.member(request, owing=True)
        body = await json_body(request, FactorAgain)
        password, code = body.password[:LONGEST_SECRET], body.code[:LONGEST_CODE]
        came, session, by = incoming(request), member.session, member.actor
        await self.desk.on_record(
            member, "own access remove",
            lambda: enrolment.remove(self.accounts, came, session, password, code, by),
        )  # fmt: skip
        return Response(status_code=204)
