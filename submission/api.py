"""The candidate's part of the API: session and submission. Thin over the functions that the pages call too."""

from functools import partial
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, sign_in
from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.second_factor.totp import LONGEST_CODE
from accounts.sign_in import Credentials
from foundation.clock import rfc3339
from foundation.errors import Unavailable
from server.fast_path import FastRoute
from server.requests import Answer, Incoming, Respond, received
from server.responses import json_response
from submission import binding
from submission.services import SubmissionServices, visit_of
from submission.states import SubmissionStatus, capacity_of
from submission.submit import Accepted, Signing, Submissions
from submission.turns import gates
from waitingroom.device import Probe

Name = Annotated[str, Meta(max_length=LONGEST_USERNAME)]

Secret = Annotated[str, Meta(max_length=LONGEST_SECRET)]

MOST_ANSWERS_SENT = 10
"""More than any account has questions (`accounts/candidates.py`): how many there are, an answer must not tell."""


class SignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/session`."""

    username: Name
    password: Secret
    answers: Annotated[list[Secret], Meta(max_length=MOST_ANSWERS_SENT)]
    code: Annotated[str, Meta(max_length=LONGEST_CODE)] = ""
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


def fast_routes(submissions: Submissions) -> list[FastRoute]:
    """The call that comes by the thousand a second."""
    return [
        FastRoute("POST", gates.SUBMISSIONS, SubmissionApi(submissions).submit),
    ]


def routes(services: SubmissionServices) -> list[BaseRoute]:
    """The other routes."""
    api = SessionApi(services)
    return [
        Route("/api/v1/session", api.sign_in, methods=["POST"]),
        Route("/api/v1/session", api.who, methods=["GET"]),
        Route("/api/v1/session", api.sign_out, methods=["DELETE"]),
    ]


class SessionApi:
    """A candidate's session: here and not in `accounts/`, because a sign-in may bring the token of a call."""

    def __init__(self, services: SubmissionServices) -> None:
        self.services, self.accounts = services, services.accounts

    async def sign_in(self, request: Request) -> Response:
        came = await received(request)
        body = came.json(SignIn)
        credentials = Credentials(
            username=body.username, password=body.password, answers=body.answers, code=body.code
        )
        if body.token is None:
            signed_in = await sign_in.sign_in(self.accounts, came, credentials)
        else:
            visit = visit_of(came, body.device)
            signed_in = await binding.sign_in_called(self.services, visit, credentials, body.token)
        response = json_response(signed_in.session.described())
        sessions.remember(response, self.accounts, signed_in)
        return response

    async def who(self, request: Request) -> Response:
        return json_response((await sessions.required(self.accounts, request)).described())

    async def sign_out(self, request: Request) -> Response:
        await sessions.sign_out(self.accounts, request)
        response = Response(status_code=204)
        sessions.forget(response, self.accounts)
        return response


class SubmissionApi:
    """The submission itself."""

    def __init__(self, submissions: Submissions) -> None:
        self.submissions = submissions

    def submit(self, came: Incoming, respond: Respond) -> None:
        """`POST .../submissions`, answered by callback when the transaction it is written in is committed."""
        body = came.json(Submit)
        signing = Signing(
            token=body.token, declaration=body.declaration, capacity=capacity_of(body.signature.capacity)
        )
        visit = visit_of(came, body.device)
        self.submissions.submit_then(visit, came.parameters["id"], signing, partial(_submitted, respond))


def _submitted(respond: Respond, outcome: Accepted | BaseException) -> None:
    if isinstance(outcome, Accepted):
        body = msgspec.json.encode(accepted_shown(outcome))
        respond(Answer(200 if outcome.repeated else 201, body))
    else:
        respond(outcome if isinstance(outcome, Exception) else Unavailable("sql"))


def accepted_shown(accepted: Accepted) -> dict[str, Any]:
    """The contract's answer; its `status` only where that is another than a submission has at first."""
    shown = {
        "receipt": accepted.receipt,
        "rank": accepted.rank,
        "submitted_at": rfc3339(accepted.submitted_at),
        "pay_by": rfc3339(accepted.pay_by),
    }
    return shown if accepted.status == SubmissionStatus.SUBMITTED else shown | {"status": accepted.status}
