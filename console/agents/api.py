"""The agents' API: the queue of claims to exempt streams, and decisions on them (`docs/contract.md`)."""

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.roles import Role
from console.agents import claim_decisions
from console.agents.claims_pages import after_in, state_in
from console.agents.pages import looked
from console.agents.services import AgentServices
from console.staff.desk import called
from server.requests import json_body, row_number
from server.responses import json_response
from submission.exempt import claims
from submission.exempt.claims import LONGEST_REASON, ExemptClaim
from submission.exempt.states import BY_AGENTS, ExemptClaimAct

CLAIMS = "/api/v1/agent/claims"


class ClaimDecision(msgspec.Struct, frozen=True):
    """Body of `POST .../claims/{id}/decision`: `version` is what the agent saw."""

    decision: ExemptClaimAct
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)]
    version: int


class AgentApi:
    """The handlers; refused calls of an agent are on the record."""

    def __init__(self, services: AgentServices) -> None:
        self.services, self.staff, self.db = services, services.staff, services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(CLAIMS, self.queue, methods=["GET"]),
            Route(f"{CLAIMS}/{{claim}}", self.claim, methods=["GET"]),
            Route(f"{CLAIMS}/{{claim}}/decision", self.decide, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """`state`, and `after` to go on. Refusals of `StaffDesk.member`."""
        await self.staff.member(request, Role.AGENT)
        state = state_in(request.query_params.get("state", ""))
        after = after_in(request.query_params.get("after", ""))
        counts = await self.db.read(claims.counts)
        some = await self.db.read(lambda conn: claims.waiting(conn, (state,), after))
        return json_response({"counts": counts, "claims": [claims.shown(one) for one in some]})

    async def claim(self, request: Request) -> Response:
        """One claim with its proof: a look, on the record. Refusals of `StaffDesk.member`, not_found."""
        member = await self.staff.member(request, Role.AGENT)
        found = await self.db.read(lambda conn: claims.find(conn, row_number(request.path_params["claim"])))
        seals = self.services.exempt.seals
        await looked(self.db, member, found.account, "demande d’accès")
        number, elsewhere = await self.db.read(lambda conn: claims.proof_of(conn, seals, found))
        return json_response(claims.shown(found) | {"proof": number, "other_accounts": elsewhere})

    async def decide(self, request: Request) -> Response:
        """Refusals of `StaffDesk.member`, not_found, invalid, changed_meanwhile (+current), move_not_allowed,
        claim_pending, duplicate_account, duplicate_person."""
        member = await self.staff.member(request, Role.AGENT)
        body = await json_body(request, ClaimDecision)

        async def decided() -> ExemptClaim:
            if body.decision not in BY_AGENTS:
                raise claims.no_decision()
            claim = row_number(request.path_params["claim"])
            return await claim_decisions.decide(
                self.services, member, claim, body.decision, body.reason, body.version
            )

        return json_response(claims.shown(await self.staff.on_record(member, called(request), decided)))
