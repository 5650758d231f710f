"""`/api/v1/account/representative`: the representative of whoever is signed in (`docs/contract.md`)."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.representatives.account import AccountRepresentatives
from accounts.representatives.declaration import declaring
from accounts.representatives.disclosure import Power, may_see
from accounts.representatives.moving import CANDIDATE, SERVICE
from accounts.representatives.powers import PowerEvent, Representation
from accounts.services import AccountServices
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.requests import json_body
from server.responses import json_response

ADDRESS = "/api/v1/account/representative"


class RepresentativeBody(msgspec.Struct, frozen=True):
    """Body of the PUT; what is left out is empty. What each may be is `typed.py`'s to say, in French."""

    kind: str = ""
    family_name: str = ""
    given_name: str = ""
    number: str = ""
    organisation: str = ""
    email: str = ""
    telephone: str = ""
    address: str = ""


class RepresentativeApi:
    """The handlers of the one address; each is about the account of the session, and there is no other way in."""

    def __init__(self, accounts: AccountServices, representatives: AccountRepresentatives) -> None:
        self.accounts, self.representatives = accounts, representatives

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.show, methods=["GET"]),
            Route(ADDRESS, self.declare, methods=["PUT"]),
            Route(ADDRESS, self.revoke, methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended; not_found where there is no representative."""
        session = await sessions.required(self.accounts, request)
        view = await self.representatives.view(session.owner)
        if view.current is None:
            raise Refusal(Code.NOT_FOUND)
        return json_response(described(view.current, view.history))

    async def declare(self, request: Request) -> Response:
        """201 for a new one, 200 for a correction and for the same again. Refusals as `show`, invalid,
        consultant_not_recognised, representative_exists."""
        session = await sessions.required(self.accounts, request)
        body = await json_body(request, RepresentativeBody)
        done = await self.representatives.declare(session.owner, msgspec.structs.asdict(body))
        if done.representation is None:
            raise declaring.invalid(done.typed.errors)
        view = await self.representatives.view(session.owner)
        answer = described(view.current or done.representation, view.history)
        return json_response(answer, 201 if done.is_new else 200)

    async def revoke(self, request: Request) -> Response:
        """204, also where there was none. Refusals not_signed_in, session_ended."""
        session = await sessions.required(self.accounts, request)
        await self.representatives.revoke(session.owner)
        return Response(status_code=204)


def described(of: Representation, history: list[PowerEvent]) -> dict[str, Any]:
    """A representative as its own candidate is told; nobody else has this address."""
    seen = may_see(Power(of.id, of.account, of.kind, of.state))
    return {
        "kind": of.kind,
        "state": of.state,
        "told": seen.allowed,
        "reference": of.reference,
        **msgspec.structs.asdict(of.details),
        "declared_at": rfc3339(of.declared_at),
        "received_on": of.received_on,
        "postmarked_on": of.postmarked_on,
        "history": [event_described(event) for event in history],
    }


def event_described(event: PowerEvent) -> dict[str, Any]:
    """A line of the history; which member of staff it was, the record knows."""
    who = event.actor if event.actor in {CANDIDATE.name, SERVICE.name} else "ministry"
    return {
        "move": event.move,
        "state": event.after,
        "at": rfc3339(event.at),
        "by": who,
        "reason": event.reason,
        "received_on": event.received_on,
        "postmarked_on": event.postmarked_on,
    }
