"""What became of a submission, over the API: `GET /api/v1/submissions/{receipt}` (`docs/contract.md`)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.services import AccountServices
from casework import receipts
from casework.receipts import Submission
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.responses import json_response


def routes(services: AccountServices) -> list[BaseRoute]:
    """Every route of this module."""
    return [Route("/api/v1/submissions/{receipt}", CaseApi(services).submission, methods=["GET"])]


class CaseApi:
    """The handler of the one call."""

    def __init__(self, services: AccountServices) -> None:
        self.services = services

    async def submission(self, request: Request) -> Response:
        """The submission with this receipt, for its own account. Refusals not_found, session_ended."""
        receipt = request.path_params["receipt"]
        try:
            session = await sessions.required(self.services, request)
        except Refusal as refusal:
            # Without a session a receipt exists as little as for another account; an ended one may be its owner's.
            raise Refusal(Code.NOT_FOUND) if refusal.code == Code.NOT_SIGNED_IN else refusal from None
        try:
            found = await self.services.db.read(
                lambda conn: receipts.find(conn, self.services.personal, receipt, session.owner)
            )
        except Refusal as refusal:
            if refusal.code == Code.NOT_FOUND:
                raise Refusal(Code.NOT_FOUND, signed_in_as=session.username) from None
            raise
        return json_response(submission_shown(found))


def submission_shown(found: Submission) -> dict[str, Any]:
    """The submission as the contract has it."""
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
