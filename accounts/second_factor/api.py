"""`/api/v1/account/second-factor`: a candidate's own second factor, for programs (`docs/contract.md`).

The acts are those of the page (`enrolment.py`). A secret and recovery codes are in one answer each, and in no later
one.
"""

from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.own_data.api import PasswordAgain
from accounts.registration import codes
from accounts.second_factor import enrolment, pending, totp
from accounts.services import AccountServices
from server.requests import incoming, json_body
from server.responses import json_response

OWN_FACTOR: Final = "/api/v1/account/second-factor"


class FirstCode(msgspec.Struct, frozen=True):
    """Body of confirming a secret: the code that an authenticator shows for it now."""

    code: str


class FactorAgain(msgspec.Struct, frozen=True):
    """Body of taking a second factor away: the password, and a code of it or one of the recovery codes."""

    password: str
    code: str


class SecondFactorApi:
    """The handlers, for the account that is signed in alone."""

    def __init__(self, services: AccountServices, issuer: str) -> None:
        self.services, self.issuer = services, issuer

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(OWN_FACTOR, self.show, methods=["GET"]),
            Route(OWN_FACTOR, self.begin, methods=["POST"]),
            Route(f"{OWN_FACTOR}/confirm", self.confirm, methods=["POST"]),
            Route(OWN_FACTOR, self.remove, methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Response:
        """What there is. Refusals not_signed_in, session_ended."""
        session = await sessions.required(self.services, request)
        left = await enrolment.state_of(self.services, session.owner)
        waits = await enrolment.waiting(self.services, session.owner) is not None
        is_set = left is not None
        return json_response(factor_shown(is_set=is_set, begun=waits, left=left or 0, may_remove=is_set))

    async def begin(self, request: Request) -> Response:
        """201, with the secret. Refusals not_signed_in, session_ended, rate_limited, bad_credentials,
        changed_meanwhile where there is one already. Unavailable."""
        session = await sessions.required(self.services, request)
        body = await json_body(request, PasswordAgain)
        secret = await enrolment.begin(self.services, incoming(request), session, body.password)
        return json_response(secret_shown(secret, session.username, self.issuer), 201)

    async def confirm(self, request: Request) -> Response:
        """200, with the recovery codes. Refusals not_signed_in, session_ended, rate_limited, bad_code."""
        session = await sessions.required(self.services, request)
        body = await json_body(request, FirstCode)
        made = await enrolment.confirm(self.services, incoming(request), session, body.code)
        return json_response(codes_shown(made))

    async def remove(self, request: Request) -> Response:
        """204, also where there is none. Refusals not_signed_in, session_ended, rate_limited, bad_credentials,
        bad_code. Unavailable."""
        session = await sessions.required(self.services, request)
        body = await json_body(request, FactorAgain)
        await enrolment.remove(self.services, incoming(request), session, body.password, body.code)
        return Response(status_code=204)


def factor_shown(*, is_set: bool, begun: bool, left: int, may_remove: bool) -> dict[str, Any]:
    """What there is of a second factor, of staff too. `begun`: a secret was shown, and its first code is waited for.
    Pure."""
    return {"is_set": is_set, "begun": begun, "recovery_codes_left": left, "may_remove": may_remove}


def secret_shown(secret: str, username: str, issuer: str) -> dict[str, Any]:
    """A secret that was made now: as it is typed, as an authenticator reads it, and for how long it waits. Pure."""
    uri = totp.uri(secret, username, issuer)
    return {"secret": secret, "uri": uri, "confirm_within_seconds": pending.LASTS_MS // 1000}


def codes_shown(made: list[str]) -> dict[str, Any]:
    """Recovery codes that were made now, as they are written on paper. Pure."""
    return {"recovery_codes": [codes.shown(one) for one in made]}
