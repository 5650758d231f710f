"""`/dossiers/{number}`: a file after its submission, for the account it belongs to (AC-10, DM-02)."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from accounts.sessions import Session
from casework.file_page.sections import FileSection, FileView, Section, sections_of
from casework.files import events
from casework.files.numbers import typed_submission
from casework.files.sheet import sheet
from casework.files.status import ENDS
from casework.payments.states import file_words, shown_status
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.frozen_rules import announced_name, payment_of
from quota.programmes import Programme
from server.rendering.templating import Render

FILES = "/dossiers"
"""Below it, each file has a page of its own, by its number."""

DONE = {
    "explication": "Votre explication est reçue. Une personne la lira et vous répondra à cette page.",
    "retrait": "Votre demande est retirée. La lettre qui le dit est dans « Consultation des documents ».",
}
"""What the page says of what was just done, by the word in its address."""


class FilePages:
    """The handler, and what pages of one file share: who may see which file."""

    def __init__(
        self,
        sign_in: SignInPages,
        render: Render,
        programmes: Mapping[str, Programme],
        sections: Sequence[Section],
    ) -> None:
        self.sign_in, self.render, self.programmes, self.sections = sign_in, render, programmes, sections
        self.names = {id: programme.name for id, programme in programmes.items()}
        self.services, self.db = sign_in.services, sign_in.services.db

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/dossiers/{number}", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The file, for its own account. For anybody else 404, whether there is such a file or not."""
        session, number = await sessions.current(self.services, request), request.path_params["number"]
        if session is None:
            return self._for_its_account(request, number)

        async def read(conn: AsyncConnection) -> tuple[FileView, list[FileSection]]:
            view = await self.view(conn, session.owner, number)
            return view, await sections_of(conn, self.sections, view)

        try:
            view, sections = await self.db.read(read)
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._for_its_account(request, number, session)
        head = view.sheet
        asks_fees = payment_of(head.rules, head.programme, self.programmes).asks_fees
        status = shown_status(view.status, asks_fees)
        words, text = file_words(status, view.now > view.sheet.pay_by)
        return self.render(
            request, "file_page.html", session=session, view=view, standing=status, sections=sections,
            status_words=words, status_text=text, is_over=view.status in ENDS,
            steps=[step for section in sections for step in section.next_steps],
            done=DONE.get(request.query_params.get("fait", ""), ""),
            programme=announced_name(head.rules, head.programme, self.names),
        )  # fmt: skip

    async def view(self, conn: AsyncConnection, owner: int, number: str) -> FileView:
        """The file of this number, if it is this account's. Refusal not_found, the same for all others."""
        submission = typed_submission(number)
        if submission is None:
            raise Refusal(Code.NOT_FOUND)
        head = await sheet(conn, self.services.personal, submission)
        if head.account != owner:
            raise Refusal(Code.NOT_FOUND)
        return FileView(sheet=head, history=await events.history(conn, submission), now=now_ms())

    def _for_its_account(self, request: Request, number: str, session: Session | None = None) -> Response:
        """The sign-in that leads to the page, with 404: whether there is such a file, nobody else learns."""
        then = self.sign_in.destinations.safe(f"{FILES}/{number}")
        as_whom = "" if session is None else session.username
        return self.sign_in.page(request, then, status=404, note="dossier", signed_in_as=as_whom)
