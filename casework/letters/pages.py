"""« Consultation des documents » (DM-01): the list, each document as a page and as PDF, for their account alone."""

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from accounts.sessions import Session
from casework import documents, receipts
from casework.documents import Document, DocumentKind
from casework.letters import archive, pdfs
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from server.rendering.templating import Render

CONFIRMATIONS = frozenset({DocumentKind.CONFIRMATION, DocumentKind.EXEMPT_CONFIRMATION})
"""What every submission gets within a minute."""


class DocumentPages:
    """The handlers. For anybody else a document is 404, whether there is one or not."""

    def __init__(self, sign_in: SignInPages, render: Render) -> None:
        self.sign_in, self.render = sign_in, render
        self.services, self.db = sign_in.services, sign_in.services.db

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/documents", self.listed, methods=["GET"]),
            Route("/documents/archive.zip", self.archive, methods=["GET"]),
            Route("/documents/{id}.pdf", self.pdf, methods=["GET"]),
            Route("/documents/{id}", self.page, methods=["GET"]),
        ]

    async def listed(self, request: Request) -> Response:
        """The list, the newest first, with when each was first opened."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session

        async def read(conn: AsyncConnection) -> tuple[list[Document], int]:
            filed = await documents.of_account(conn, session.owner)
            return filed, await receipts.count_of(conn, session.owner)

        filed, submitted = await self.db.read(read)
        if any(one.number is None for one in filed):
            await self.db.write(lambda conn: documents.number_all(conn, session.owner))
            filed, submitted = await self.db.read(read)
        confirmed = sum(one.kind in CONFIRMATIONS for one in filed)
        return self.render(
            request, "documents.html", session=session, documents=filed, is_awaited=confirmed < submitted
        )

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
        await self._opened(opened.document)
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
        await self._opened(found.document)
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

    async def _opened(self, document: Document) -> None:
        if document.opened_at is None:
            await self.db.write(lambda conn: pdfs.open_first(conn, document.id, now_ms()))

    def _not_found(self, request: Request, refusal: Refusal, session: Session) -> Response:
        if refusal.code != Code.NOT_FOUND:
            raise refusal
        then = self.sign_in.destinations.safe(request.url.path)
        return self.sign_in.page(request, then, status=404, note="document", signed_in_as=session.username)


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF of one person's: saved under a name that says nothing of them, kept by no cache."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, 200, headers, media_type="application/pdf")
