"""`/api/v1/messages`: the mailbox of the account that is signed in (`docs/contract.md`)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.services import AccountServices
from casework.documents import Document
from casework.mailbox import messages
from casework.mailbox.messages import Message
from casework.mailbox.pages import is_read_by_person, open_message
from casework.mailbox.services import MailboxServices
from foundation.clock import rfc3339
from server.responses import json_response

CALLS_ADDRESS = "/api/v1/messages"


class MessageApi:
    """The handlers."""

    def __init__(self, accounts: AccountServices, services: MailboxServices) -> None:
        self.accounts, self.services = accounts, services

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(CALLS_ADDRESS, self.listed, methods=["GET"]),
            Route(f"{CALLS_ADDRESS}/{{id}}", self.opened, methods=["GET"]),
        ]

    async def listed(self, request: Request) -> Response:
        """Every message, the latest first. Refusals not_signed_in, session_ended."""
        session = await sessions.required(self.accounts, request)
        found = await self.accounts.db.read(lambda conn: messages.of_account(conn, session.owner))
        return json_response([message_shown(one) for one in found])

    async def opened(self, request: Request) -> Response:
        """One message with what it says; reading it sets `read_at`. Refusals not_signed_in, session_ended, not_found:
        the same for a message of somebody else and for none."""
        session = await sessions.required(self.accounts, request)
        found = await open_message(
            self.accounts.db,
            self.services,
            request.path_params["id"],
            session.owner,
            is_read=is_read_by_person(request),
        )
        return json_response(message_shown(found.message) | {"blocks": found.blocks})


def message_shown(one: Message) -> dict[str, Any]:
    """A message as the contract has it."""
    return {
        "id": one.id,
        "subject": one.title,
        "file_number": one.number,
        "at": rfc3339(one.at),
        "read_at": None if one.read_at is None else rfc3339(one.read_at),
        "attachments": [_document_shown(document) for document in one.attachments],
        "href": one.href,
    }


def _document_shown(one: Document) -> dict[str, Any]:
    return {"title": one.title, "href": one.href, "created_at": rfc3339(one.created_at)}
