"""The candidate's part of the API: session, submission, receipt. Thin over the functions that the pages call too."""

from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.sessions import Credentials, Session
from casework import receipts
from casework.receipts import Submission
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal, Unavailable
from server.fast_path import FastRoute
from server.requests import Answer, Incoming, Respond, received
from submission import submit
from submission.desk import Desk, visit_of
from submission.submit import Accepted, Signing
from waitingroom.device_evidence import Probe

Name = Annotated[str, Meta(max_length=200)]

Secret = Annotated[str, Meta(max_length=1000)]
"""Longer than any pass phrase, short enough that hashing it costs what any other costs."""


class SignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/session`."""

    username: Name
    password: Secret
    answers: Annotated[list[Secret], Meta(max_length=10)]
    token: Annotated[str, Meta(max_length=2000)] | None = None
    device: Probe | None = None


class Signature(msgspec.Struct, frozen=True):
    """Who signs: `candidate` or `lawyer`."""

    capacity: Annotated[str, Meta(max_length=40)] = ""


class Submit(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/periods/{id}/submissions`. What is missing is refused by its own code, not as malformed."""

    token: Annotated[str, Meta(max_length=2000)] = ""
    declaration: bool = False
    signature: Signature = Signature()
    device: Probe | None = None


def fast_routes(desk: Desk) -> list[FastRoute]:
    """The call that comes by the thousand a second."""
    return [FastRoute("POST", "/api/v1/periods/{id}/submissions", SubmissionApi(desk).submit)]


def routes(desk: Desk) -> list[BaseRoute]:
    """The other routes."""
    api = SubmissionApi(desk)
    return [
        Route("/api/v1/session", api.sign_in, methods=["POST"]),
        Route("/api/v1/session", api.who, methods=["GET"]),
        Route("/api/v1/session", api.sign_out, methods=["DELETE"]),
        Route("/api/v1/submissions/{receipt}", api.submission, methods=["GET"]),
    ]


class SubmissionApi:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def sign_in(self, request: Request) -> Response:
        came = await received(request)
        body = came.json(SignIn)
        credentials = Credentials(
            username=body.username, password=body.password, answers=body.answers, token=body.token
        )
        signed_in = await sessions.sign_in(self.desk, visit_of(came, body.device), credentials)
        response = answer(session_shown(signed_in.session))
        sessions.remember(response, self.desk, signed_in)
        return response

    async def who(self, request: Request) -> Response:
        return answer(session_shown(await sessions.required(self.desk, request)))

    async def sign_out(self, request: Request) -> Response:
        await sessions.sign_out(self.desk, request)
        response = Response(status_code=204)
        sessions.forget(response, self.desk)
        return response

    def submit(self, came: Incoming, respond: Respond) -> None:
        """`POST .../submissions`, answered by callback when the transaction it is written in is committed."""
        body = came.json(Submit)
        signing = Signing(token=body.token, declaration=body.declaration, capacity=body.signature.capacity)
        visit = visit_of(came, body.device)
        submit.submit_then(self.desk, visit, came.parameters["id"], signing, partial(_submitted, respond))
        return

    async def submission(self, request: Request) -> Response:
        receipt = request.path_params["receipt"]
        try:
            session = await sessions.required(self.desk, request)
        except Refusal as refusal:
            # Without a session a receipt exists as little as for somebody else; an ended one may be its owner's.
            raise Refusal(Code.NOT_FOUND) if refusal.code == Code.NOT_SIGNED_IN else refusal from None
        found = await self.desk.db.read(lambda conn: receipts.find(conn, receipt, session.owner))
        return answer(submission_shown(found))


def _submitted(respond: Respond, outcome: Accepted | BaseException) -> None:
    if isinstance(outcome, Accepted):
        body = msgspec.json.encode(accepted_shown(outcome))
        respond(Answer(200 if outcome.repeated else 201, body))
    else:
        respond(outcome if isinstance(outcome, Exception) else Unavailable("sql"))


def answer(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )


def session_shown(session: Session) -> dict[str, Any]:
    return {"username": session.username, "expires_at": rfc3339(session.expires_at)}


def accepted_shown(accepted: Accepted) -> dict[str, Any]:
    return {
        "receipt": accepted.receipt,
        "rank": accepted.rank,
        "submitted_at": rfc3339(accepted.submitted_at),
        "pay_by": rfc3339(accepted.pay_by),
    }


def submission_shown(found: Submission) -> dict[str, Any]:
    return {
        "receipt": found.receipt,
        "rank": found.rank,
        "status": found.status,
        "history": [{"status": change.status, "at": rfc3339(change.at)} for change in found.history],
        "documents": [
            {"kind": one.kind, "title": one.title, "created_at": rfc3339(one.created_at), "href": one.href}
            for one in found.documents
        ],
        "submitted_at": rfc3339(found.submitted_at),
        "pay_by": rfc3339(found.pay_by),
    }
