"""What a file's owner prints of it: the summary (DM-06), and the record of what was done (DM-02)."""

import asyncio
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.pages import SignInPages
from accounts.sessions import Session
from casework.blocks import Block
from casework.files import events
from casework.files.numbers import typed_submission
from casework.files.sheet import FileSheet, sheet
from casework.letters import rendering
from casework.letters.letterhead import NO_SENDER, senders
from casework.letters.pages import pdf_response
from casework.letters.payment_letters import LetterWords
from casework.letters.printed import summary
from casework.letters.printed.actions import ActionRecords
from foundation.clock import now_ms
from foundation.encryption.fields import FieldCipher
from foundation.errors import Code, Refusal
from quota.frozen_rules import announced_name
from quota.programmes import Programme
from server.rendering.templating import Render
from submission.signing import signatures


class FilePrintPages:
    """The handlers. For anybody else than the account of the file they are 404, whether there is one or not."""

    def __init__(
        self, sign_in: SignInPages, render: Render, programmes: Mapping[str, Programme], seals: FieldCipher
    ) -> None:
        self.sign_in, self.render, self.seals = sign_in, render, seals
        self.services, self.db = sign_in.services, sign_in.services.db
        self.records = ActionRecords(programmes, self.services.personal)
        self._names = {id: programme.name for id, programme in programmes.items()}
        self._senders = senders(programmes)

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/dossiers/{number}/sommaire", self.summary, methods=["GET"]),
            Route("/dossiers/{number}/sommaire.pdf", self.summary_pdf, methods=["GET"]),
            Route("/dossiers/{number}/recapitulatif", self.record, methods=["POST"]),
        ]

    async def summary(self, request: Request) -> Response:
        """The summary as a page that can be printed. Refusal print_not_available before the fees are paid."""
        made = await self._summary(request)
        if isinstance(made, Response):
            return made
        session, head, content = made
        return self.render(request, "summary.html", session=session, number=head.number, blocks=content)

    async def summary_pdf(self, request: Request) -> Response:
        """The same as PDF; made when it is asked for, and kept nowhere. Refusal print_not_available."""
        made = await self._summary(request)
        if isinstance(made, Response):
            return made
        _, head, content = made
        footer, now = f"Dossier {head.number}", now_ms()
        pdf = await asyncio.to_thread(rendering.pdf_of, content, summary.TITLE, footer, now)
        return pdf_response(pdf, f"sommaire-{head.number}.pdf")

    async def record(self, request: Request) -> Response:
        """File a record of actions if something happened since the last one, and lead to the one that is good."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session

        async def ask(conn: AsyncConnection) -> str:
            head = await self._head(conn, request.path_params["number"], session.owner)
            return await self.records.asked(conn, head.submission, now_ms())

        try:
            document = await self.db.write(ask)
        except Refusal as refusal:
            return self._not_found(request, refusal, session)
        return RedirectResponse(f"/documents/{document}", 303, {"Cache-Control": "no-store"})

    async def _summary(self, request: Request) -> Response | tuple[Session, FileSheet, list[Block]]:
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session

        async def read(conn: AsyncConnection) -> tuple[FileSheet, list[Block]]:
            head = await self._head(conn, request.path_params["number"], session.owner)
            summary.require_printable((await events.history(conn, head.submission)).status)
            signed = await signatures.find(conn, head.receipt, head.programme, self.seals)
            name = announced_name(head.rules, head.programme, self._names)
            words = LetterWords(name, self._senders.get(head.programme, NO_SENDER))
            return head, summary.blocks_of(head, words, signed, now_ms())

        try:
            head, content = await self.db.read(read)
        except Refusal as refusal:
            return self._not_found(request, refusal, session)
        return session, head, content

    async def _head(self, conn: AsyncConnection, number: str, owner: int) -> FileSheet:
        submission = typed_submission(number)
        if submission is None:
            raise Refusal(Code.NOT_FOUND)
        head = await sheet(conn, self.services.personal, submission)
        if head.account != owner:
            raise Refusal(Code.NOT_FOUND)
        return head

    def _not_found(self, request: Request, refusal: Refusal, session: Session) -> Response:
        if refusal.code != Code.NOT_FOUND:
            raise refusal
        then = self.sign_in.destinations.safe(request.url.path)
        return self.sign_in.page(request, then, status=404, note="dossier", signed_in_as=session.username)
