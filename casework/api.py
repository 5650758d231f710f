"""What became of a submission, over the API: `GET /api/v1/submissions/{receipt}` (`docs/contract.md`)."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.services import AccountServices
from casework import receipts
from casework.file_page.facts import FileFacts, facts_of
from casework.receipts import Submission
from foundation.clock import rfc3339
from foundation.errors import Code, Refusal
from server.responses import json_response


def routes(services: AccountServices, facts: FileFacts) -> list[BaseRoute]:
    """Every route of this module; `facts` are what features say of the file beside its receipt."""
    return [Route("/api/v1/submissions/{receipt}", CaseApi(services, facts).submission, methods=["GET"])]


class CaseApi:
    """The handler of the one call."""

    def __init__(self, services: AccountServices, facts: FileFacts) -> None:
        self.services, self.facts = services, facts

    async def submission(self, request: Request) -> Response:
        """The submission with this receipt, for its own account. Refusals not_found, session_ended."""
        receipt = request.path_params["receipt"]
        try:
            session = await sessions.required(self.services, request)
        except Refusal as refusal:
            # Without a session a receipt exists as little as for another account; an ended one may be its owner's.
            raise Refusal(Code.NOT_FOUND) if refusal.code == Code.NOT_SIGNED_IN else refusal from None

        async def read(conn: AsyncConnection) -> dict[str, Any]:
            found = await receipts.find(conn, self.services.personal, receipt, session.owner)
            return submission_shown(found) | await facts_of(conn, self.facts, found)

        try:
            shown = await self.services.db.read(read)
        except Refusal as refusal:
            if refusal.code == Code.NOT_FOUND:
                raise Refusal(Code.NOT_FOUND, signed_in_as=session.username) from None
            raise
        return json_response(shown)


def submission_shown(found: Submission) -> dict[str, Any]:
    """The submission as the contract has it, without the facts of its file."""
    return {
        "receipt": found.receipt,
        "file_number": found.file_number,
        "rank": found.rank,
        "status": found.status,
        "history": [{"status": change.status, "at": rfc3339(change.at)} for change in found.history],
        "documents": [
            {
                "kind": one.kind,
                "title": one.title,
                "created_at": rfc3339(one.created_at),
                "href": one.href,
                "pdf": f"{one.href}.pdf",
            }
            for one in found.documents
        ],
        "submitted_at": rfc3339(found.submitted_at),
        "pay_by": rfc3339(found.pay_by),
    }
