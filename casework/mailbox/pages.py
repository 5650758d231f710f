"""`/messages`: what the Ministry has written to an account, for whoever is signed in to it and nobody else (DM-03).

A GET records the first reading. That is no act of the reader's but a fact about them, the same however often the page
is asked for, and only the owner's session gets so far: a scanner of mail that follows the link has none and is led to
the sign-in, an image on a foreign page carries none (SameSite), and a page that a browser fetches ahead, or only asks
the head of, is not read.
"""

import contextlib

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from casework.mailbox import messages
from casework.mailbox.messages import OpenedMessage
from casework.mailbox.services import MailboxServices
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import Database
from server.rendering.templating import Render


class MessagePages:
    """The handlers."""

    def __init__(self, services: MailboxServices, sign_in: SignInPages, render: Render) -> None:
        self.services, self.sign_in, self.render = services, sign_in, render
        self.db = sign_in.services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/messages", self.listed, methods=["GET"]),
            Route("/messages/{id}", self.opened, methods=["GET"]),
        ]

    async def listed(self, request: Request) -> Response:
        """Every message of the account, the latest first."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        found = await self.db.read(lambda conn: messages.of_account(conn, session.owner))
        return self.render(request, "messages.html", session=session, messages=found)

    async def opened(self, request: Request) -> Response:
        """One message, which is read from now on. For anybody else 404, whether there is such a message or not."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        id, owner = request.path_params["id"], session.owner
        try:
            found = await open_message(self.db, self.services, id, owner, is_read=is_read_by_person(request))
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            then = self.sign_in.destinations.safe(request.url.path)
            return self.sign_in.page(request, then, status=404, note="message", signed_in_as=session.username)
        unread = await self.db.read(lambda conn: messages.unread(conn, owner))
        session = msgspec.structs.replace(session, unread=unread)
        return self.render(
            request, "message.html", session=session, message=found.message, blocks=found.blocks
        )


def is_read_by_person(request: Request) -> bool:
    """Whether somebody sees what is answered: not a head alone, nor a page fetched ahead of a click (Sec-Purpose)."""
    ahead = request.headers.get("sec-purpose", "") + request.headers.get("purpose", "")
    return request.method == "GET" and "prefetch" not in ahead


async def open_message(
    db: Database, services: MailboxServices, id: str, account: int, *, is_read: bool = True
) -> OpenedMessage:
    """The message, marked as read if it was not. Refusal not_found.

    The mark fails soft: where SQL takes no writing now, the message is shown, and marked when it is opened again.
    """
    found = await db.read(lambda conn: messages.find(conn, services.cipher, id, account))
    if found.message.read_at is not None or not is_read:
        return found
    now = now_ms()

    async def mark(conn: AsyncConnection) -> int:
        return await messages.mark_read(conn, id, account, now)

    with contextlib.suppress(Unavailable):
        return found.read(await db.write(mark))
    return found
