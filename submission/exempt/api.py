"""The exempt streams over the API (`docs/contract.md`): a claim, and the submission that an accepted one allows."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, sign_in
from accounts.sign_in import Credentials
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal
from quota.programmes import Programme
from server.requests import Incoming, json_body, received
from server.responses import json_response
from submission.api import MOST_ANSWERS_SENT, Secret, Signature, accepted_shown
from submission.exempt import claims, submitting
from submission.exempt.claims import ExemptClaim
from submission.exempt.services import ExemptServices
from submission.services import Visit
from submission.states import capacity_of
from submission.submit import Signing
from waitingroom.device import Probe
from waitingroom.device_evidence import device_of

ONE = "/api/v1/streams/{programme}/{stream}"


class StreamProof(msgspec.Struct, frozen=True):
    """Body of `PUT .../claim`."""

    proof: Annotated[str, Meta(max_length=200)]


class StreamSubmission(msgspec.Struct, frozen=True):
    """Body of `POST .../submissions`: the signature, and the secrets, which are asked for again (AC-05)."""

    password: Secret
    answers: Annotated[list[Secret], Meta(max_length=MOST_ANSWERS_SENT)]
    declaration: bool = False
    signature: Signature = Signature()
    device: Probe | None = None


class ExemptApi:
    """The handlers; each for the account that is signed in alone."""

    def __init__(self, services: ExemptServices) -> None:
        self.services, self.accounts = services, services.submissions.accounts

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/api/v1/streams", self.streams, methods=["GET"]),
            Route(f"{ONE}/claim", self.claim, methods=["PUT"]),
            Route(f"{ONE}/claim", self.withdraw, methods=["DELETE"]),
            Route(f"{ONE}/submissions", self.submit, methods=["POST"]),
        ]

    async def streams(self, request: Request) -> Response:
        """The streams of every programme, each with this account's newest claim. Refusals not_signed_in,
        session_ended."""
        owner = (await sessions.required(self.accounts, request)).owner
        theirs = await self.services.db.read(lambda conn: claims.of_account(conn, owner))
        newest: dict[tuple[str, str], ExemptClaim] = {}
        for one in theirs:
            newest.setdefault((one.programme, one.stream), one)
        return json_response(
            [
                {"programme": programme.id, "stream": stream.id, "name": stream.name,
                 "claim": claim_shown(newest.get((programme.id, stream.id)))}
                for programme in self.services.submissions.programmes.values()
                for stream in programme.streams
            ]
        )  # fmt: skip

    async def claim(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended, not_found, invalid, claim_pending."""
        owner = (await sessions.required(self.accounts, request)).owner
        body, programme = await json_body(request, StreamProof), self._programme(request)
        stream = request.path_params["stream"]

        async def work(conn: AsyncConnection) -> ExemptClaim:
            return await claims.claim(
                conn, self.services.seals, owner, programme, stream, body.proof, now_ms()
            )

        return json_response(claim_shown(await self.services.db.write(work)), 201)

    async def withdraw(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended, not_found, move_not_allowed."""
        owner = (await sessions.required(self.accounts, request)).owner
        programme = self._programme(request).id
        await self.services.db.write(lambda conn: claims.withdraw(conn, owner, programme, now_ms()))
        return Response(status_code=204)

    async def submit(self, request: Request) -> Response:
        """Refusals of a sign-in, then those of `submitting.submit`."""
        session, came = await sessions.required(self.accounts, request), await received(request)
        body = came.json(StreamSubmission)
        typed = Credentials(username=session.username, password=body.password, answers=body.answers)
        await sign_in.prove_again(self.accounts, came, typed)
        signing = Signing(declaration=body.declaration, capacity=capacity_of(body.signature.capacity))
        path = request.path_params
        accepted = await submitting.submit(
            self.services.submissions,
            outside_visit(came, body.device),
            path["programme"],
            path["stream"],
            signing,
        )
        return json_response(accepted_shown(accepted), 200 if accepted.repeated else 201)

    def _programme(self, request: Request) -> Programme:
        found = self.services.submissions.programmes.get(request.path_params["programme"])
        if found is None:
            raise Refusal(Code.NOT_FOUND)
        return found


def outside_visit(came: Incoming, probe: Probe | None) -> Visit:
    """The request with the verdict on its device: no join has judged it before."""
    return Visit(came, device_of(came, probe))


def claim_shown(found: ExemptClaim | None) -> dict[str, Any] | None:
    """A claim as its owner sees it; who decided is not among it."""
    if found is None:
        return None
    return {
        "state": found.state,
        "version": found.version,
        "claimed_at": rfc3339(found.claimed_at),
        "decided_at": None if found.decided_at is None else rfc3339(found.decided_at),
        "reason": found.reason,
        "receipt": found.receipt,
    }
