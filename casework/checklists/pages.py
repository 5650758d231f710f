"""`/dossiers/{number}/explications/{item}`: the candidate explains in writing why a document cannot come as it is asked
(DC-04)."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.sessions import Session
from accounts.visits.text_kept import SIGNED_OUT, KeptText, of_another, text_kept
from casework.checklists import handling
from casework.checklists.handling import LONGEST_EXPLANATION
from casework.checklists.items import ChecklistItem, required
from casework.checklists.letter import format_words, whose
from casework.checklists.services import ChecklistServices
from casework.checklists.states import OPEN_FOR, STATES, ItemAct, item_moved
from casework.file_page.pages import FilePages
from casework.file_page.sections import FileView
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.rendering.forms import Tell, WayOn, form_answer
from server.requests import form_body, incoming, row_number
from server.responses import response_of

ROLE: Final = "candidate"
"""In which an explanation is given."""


class ChecklistPages:
    """The handlers; each is about a file of the account that is signed in, and of no other."""

    def __init__(self, files: FilePages, services: ChecklistServices, tell: Tell) -> None:
        self.files, self.services, self.tell = files, services, tell
        self.db, self.render = files.db, files.render

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/dossiers/{number}/explications/{item}", self.show, methods=["GET"]),
            Route("/dossiers/{number}/explications/{item}", self.explain, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form. Refusal not_found for what is no item of one's own."""
        session = await self.files.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return await self._page(request, session)

    async def explain(self, request: Request) -> Response:
        """Keep what was written; what cannot be kept stays in the form, signed in or not."""
        fields, number = await form_body(request), request.path_params["number"]
        text, item = fields.get("explanation", ""), row_number(request.path_params["item"])
        try:
            session = await sessions.required(self.files.sign_in.services, request)
        except Refusal as refusal:
            if refusal.code not in SIGNED_OUT:
                raise
            return self._kept(request, text, refusal)

        async def keep(conn: AsyncConnection) -> None:
            view = await self.files.view(conn, session.owner, number)
            by = Actor(session.username, ROLE)
            await handling.explain(conn, self.services, view.sheet.submission, item, text, by, now_ms())

        try:
            await self.db.write(keep)
        except Unavailable:
            raise
        except Refusal as refusal:
            if refusal.code == Code.NOT_FOUND:  # of another account, or of none
                return self._kept(request, text, of_another(session.username))
            if refusal.code not in {Code.INVALID, Code.MOVE_NOT_ALLOWED}:
                raise
            return await self._page(request, session, refusal, text)
        return RedirectResponse(f"/dossiers/{number}?fait=explication", 303)

    def _kept(self, request: Request, text: str, refusal: Refusal) -> Response:
        kept = KeptText(
            page=request.url.path, heading="Expliquer par écrit", text=text, name="explanation",
            label="Pourquoi ne pouvez-vous pas l’envoyer ainsi?", press="Envoyer mon explication",
        )  # fmt: skip
        return text_kept(self.render, self.tell, incoming(request), refusal, kept)

    async def _page(
        self, request: Request, session: Session, refusal: Refusal | None = None, text: str = ""
    ) -> Response:
        number, item = request.path_params["number"], row_number(request.path_params["item"])

        async def read(conn: AsyncConnection) -> tuple[FileView, ChecklistItem]:
            view = await self.files.view(conn, session.owner, number)
            listed = await required(conn, self.services.cipher, view.sheet.submission)
            return view, listed.item(item)

        view, found = await self.db.read(read)
        is_open = (
            item_moved(found.state, ItemAct.EXPLAIN) is not None and view.status in OPEN_FOR[ItemAct.EXPLAIN]
        )
        errors = {}
        if refusal is not None and refusal.code == Code.INVALID:
            errors = {one["name"]: one["reason"] for one in refusal.fields["fields"]}
        answer = form_answer(
            self.render, self.tell, incoming(request), "checklist_explain.html",
            refusal=None if errors else refusal, errors=errors, status=422 if errors else 200, way_on=WayOn(),
            session=session, view=view, item=found, is_open=is_open, text=text, longest=LONGEST_EXPLANATION,
            whose=whose(found.person, found.name), format_words=format_words(found), state=STATES[found.state],
        )  # fmt: skip
        return response_of(answer)
