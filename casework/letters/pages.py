"""« Consultation des documents » (DM-01): the list, each document as a page and as PDF, for their account alone."""

from functools import partial

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from accounts.sessions import Session
from casework import documents
from casework.documents import Document, DocumentKind
from casework.letters import archive, lists, pdfs
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.fast_path import FastRoute
from server.rendering.templating import Render
from server.requests import Answer, Incoming, Respond, Work, see_other

CONFIRMATIONS = frozenset({DocumentKind.CONFIRMATION, DocumentKind.EXEMPT_CONFIRMATION})
"""What every submission gets within a minute."""


class DocumentPages:
    """The handlers. For anybody else a document is 404, whether there is one or not."""

    def __init__(self, sign_in: SignInPages, render: Render) -> None:
        self.sign_in, self.render = sign_in, render
        self.services, self.db = sign_in.services, sign_in.services.db
        self._lists, self._reader = lists.KeptLists(), lists.ListReader(self.db)

    def fast_routes(self) -> list[FastRoute]:
        """What everybody looks at again and again."""
        return [FastRoute("GET", "/documents", self.listed)]

    def routes(self) -> list[BaseRoute]:
        """The other addresses."""
        return [
            Route("/documents/archive.zip", self.archive, methods=["GET"]),
            Route("/documents/{id}.pdf", self.pdf, methods=["GET"]),
            Route("/documents/{id}", self.page, methods=["GET"]),
        ]

    def listed(self, came: Incoming, respond: Respond) -> Work:
        """The list, the newest first, with when each was first opened."""
        return partial(self._listed, came)

    async def _listed(self, came: Incoming) -> Answer:
        shown = sessions.shown(came)
        look = None if shown is None else await self._reader.look(shown)
        if look is None:
            return await self._to_sign_in(came)
        session, standing = look
        if standing.numbered < standing.filed:
            await self.db.write(lambda conn: documents.number_all(conn, session.owner))
            standing = msgspec.structs.replace(standing, numbered=standing.filed)
        key = (session.owner, session.username, session.unread, standing)
        page = self._lists.get(key)
        if page is None:
            filed = await self.db.read(lambda conn: documents.of_account(conn, session.owner))
            confirmed = sum(one.kind in CONFIRMATIONS for one in filed)
            text = self.render.text(
                "documents.html", session=session, documents=filed, is_awaited=confirmed < standing.submitted
            )
            page = self._lists.put(key, text)
        return page.answer(came.headers.get(b"accept-encoding"))

    async def _to_sign_in(self, came: Incoming) -> Answer:
        """The sign-in that leads back; it says so where a session has ended."""
        try:
            await sessions.required(self.services, came)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            note = "&note=fin" if refusal.code == Code.SESSION_ENDED else ""
            return see_other(f"/connexion?suite=/documents{note}")
        return see_other("/documents")  # it began between the two looks

    async def page(self, request: Request) -> Response:
        """One document as a page."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        asked, owner = request.path_params["id"], session.owner
        try:
            opened = await self.db.read(lambda conn: documents.find(conn, asked, owner))
        except Refusal as refusal:
            return self._not_found(request, refusal, session)
        await self._opened(opened.document, owner)
        return self.render(
            request, "document.html", session=session, document=opened.document, blocks=opened.blocks
        )

    async def pdf(self, request: Request) -> Response:
        """The same as PDF, to keep; no cache keeps it for others."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        asked, owner = request.path_params["id"], session.owner
        try:
            found = await pdfs.find(self.db, asked, owner)
        except Refusal as refusal:
            return self._not_found(request, refusal, session)
        await self._opened(found.document, owner)
        return pdf_response(found.content, found.file_name)

    async def archive(self, request: Request) -> Response:
        """All documents in one archive, sent while it is written; it marks none as read."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        held = await archive.listed(self.db, session.owner)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{archive.NAME}"',
        }
        pieces = archive.archive(self.db, session.owner, held)
        return StreamingResponse(pieces, headers=headers, media_type="application/zip")

    async def _opened(self, document: Document, owner: int) -> None:
        if document.opened_at is None:
            await self.db.write(lambda conn: pdfs.open_first(conn, document.id, owner, now_ms()))

    def _not_found(self, request: Request, refusal: Refusal, session: Session) -> Response:
        if refusal.code != Code.NOT_FOUND:
            raise refusal
        then = self.sign_in.destinations.safe(request.url.path)
        return self.sign_in.page(request, then, status=404, note="document", signed_in_as=session.username)


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF of one person's: saved under a name that says nothing of them, kept by no cache."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, media_type="application/pdf")
