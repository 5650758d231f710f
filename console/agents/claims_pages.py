"""The queue of claims to exempt streams, and each claim with its proof: accepted or refused, with a reason (EX-01).

A claim that a colleague decided meanwhile comes back as it is now, with what was typed still in the form.
"""

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.identities import Identity
from accounts.roles import Role
from casework.exempt_letters import programme_name, stream_name
from console.agents import claim_decisions, file
from console.agents.forms import DeskForms
from console.agents.pages import DONE, HOME, looked
from console.agents.services import AgentServices
from console.staff.desk import StaffMemberHere
from foundation.errors import Code, Refusal
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body, row_number
from submission.exempt import claims
from submission.exempt.claims import LONGEST_REASON, ExemptClaim
from submission.exempt.states import BY_AGENTS, CLAIM_ACTS, CLAIM_STATES, ExemptClaimState, decisions

QUEUE = f"{HOME}/demandes"

ONE = f"{QUEUE}/{{id}}"

AT_THE_FORM = {
    Code.INVALID, Code.CHANGED_MEANWHILE, Code.MOVE_NOT_ALLOWED, Code.CLAIM_PENDING, Code.DUPLICATE_ACCOUNT,
    Code.DUPLICATE_PERSON,
}  # fmt: skip
"""Refusals of a decision that are shown on its page."""


class ClaimPages:
    """The handlers of the queue."""

    def __init__(self, services: AgentServices, render: Render, tell: Tell) -> None:
        self.services, self.forms = services, DeskForms(render, tell)
        self.staff, self.db = services.staff, services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(QUEUE, self.queue, methods=["GET"]),
            Route(ONE, self.claim, methods=["GET"]),
            Route(ONE, self.decide, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """The claims in one state, the oldest first, some at a time; how many there are in each."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        state = state_in(request.query_params.get("etat", ""))
        after = after_in(request.query_params.get("apres", ""))
        counts = await self.db.read(claims.counts)
        some = await self.db.read(lambda conn: claims.waiting(conn, (state,), after))
        last = some[-1] if len(some) == claims.MOST_LISTED else None
        return self.forms.page(
            request, "agent_claims.html", member=member, some=some, counts=counts, state=state, states=CLAIM_STATES,
            older=None if last is None else f"{QUEUE}?etat={state}&apres={last.claimed_at}-{last.id}",
            named=self._named, done=DONE.get(request.query_params.get("fait", ""), ""),
        )  # fmt: skip

    async def claim(self, request: Request) -> Response:
        """One claim with its proof and whose it is; a look, on the record. Refusal not_found."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        return await self._claim(request, member)

    async def decide(self, request: Request) -> Response:
        """A decision with its reason; afterwards the queue, or the claim again with why not."""
        member = await self.staff.at_page(request, Role.AGENT)
        if isinstance(member, Response):
            return member
        fields, claim_id = await form_body(request), row_number(request.path_params["id"])
        act = next((one for one in BY_AGENTS if one == fields.get("act")), None)
        version = fields.get("version", "")
        if act is None or not (version.isascii() and version.isdecimal() and len(version) < 10):
            raise Refusal(Code.NOT_FOUND)
        try:
            await claim_decisions.decide(
                self.services, member, claim_id, act, fields.get("reason"), int(version)
            )
        except Refusal as refusal:
            if refusal.code not in AT_THE_FORM:
                raise
            return await self._claim(request, member, refusal, fields)
        return RedirectResponse(f"{QUEUE}?fait=decision", 303)

    async def _claim(
        self,
        request: Request,
        member: StaffMemberHere,
        refusal: Refusal | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        claim_id = row_number(request.path_params["id"])

        async def read(conn: AsyncConnection) -> tuple[ExemptClaim, tuple[str, int], str, Identity]:
            found = await claims.find(conn, claim_id)
            proof = await claims.proof_of(conn, self.services.exempt.seals, found)
            whose = await file.owner_of(conn, self.services.personal, found.account)
            return found, proof, *whose

        found, (proof, elsewhere), username, identity = await self.db.read(read)
        await looked(self.db, member, found.account, "demande d’accès")
        return self.forms.page(
            request, "agent_claim.html", said_at_fields(refusal), typed, member=member, claim=found, proof=proof,
            elsewhere=elsewhere, username=username, identity=identity, state_words=CLAIM_STATES[found.state],
            acts={act: CLAIM_ACTS[act] for act in decisions(found.state)}, longest=LONGEST_REASON, named=self._named,
        )  # fmt: skip

    def _named(self, claim: ExemptClaim) -> tuple[str, str]:
        programmes = self.services.programmes
        return (
            programme_name(programmes, claim.programme),
            stream_name(programmes, claim.programme, claim.stream),
        )


def said_at_fields(refusal: Refusal | None) -> Refusal | None:
    """A refused reason, as a sentence. Pure."""
    if refusal is None or refusal.code != Code.INVALID:
        return refusal
    sentence = (
        f"Donnez le motif de la décision, en {LONGEST_REASON} caractères au plus : la personne le lira."
    )
    return Refusal(Code.INVALID, fields=[{"name": "reason", "reason": sentence}])


def state_in(text: str) -> ExemptClaimState:
    """The state that an address names; those that wait, for any other. Pure."""
    return next((state for state in ExemptClaimState if state == text), ExemptClaimState.DECLARED)


def after_in(text: str) -> tuple[int, int]:
    """Where a page of the queue goes on: an instant and a key. The beginning for what is none. Pure."""
    at, _, id = text.partition("-")
    numbers = [part for part in (at, id) if part.isascii() and part.isdecimal() and len(part) < 16]
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (0, 0)
