"""`/dossiers/{number}/retrait`: what taking the application back means, who does it, and the confirmation."""

from collections.abc import Mapping
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.sessions import Session
from accounts.states import SessionRole
from casework.file_page.pages import FilePages
from casework.file_page.sections import FileView
from casework.files.states import STATUSES
from casework.payments.services import PaymentServices
from casework.withdrawal import withdrawing
from casework.withdrawal.means import WITHDRAWABLE, WithdrawalMeans, sentences
from casework.withdrawal.withdrawing import AskedWithdrawal
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.rendering.forms import Tell, WayOn, form_answer
from server.requests import form_body, incoming
from server.responses import response_of
from submission.states import Capacity, capacity_of

HERE: Final = "/dossiers/{number}/retrait"

WHO: Final = "Indiquez qui retire la demande."

CHANGED: Final = (
    "Votre dossier a changé depuis que cette page s’est ouverte. Voici ce qu’il en est maintenant."
)


class WithdrawalLook(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is made of: the file, what a withdrawal means for it, and who may sign it."""

    view: FileView
    means: WithdrawalMeans
    capacities: Mapping[Capacity, str]


class WithdrawalPages:
    """The handlers; each is about a file of the account that is signed in, and of no other."""

    def __init__(self, files: FilePages, services: PaymentServices, tell: Tell) -> None:
        self.files, self.services, self.tell = files, services, tell
        self.db, self.render = files.db, files.render

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [Route(HERE, self.show, methods=["GET"]), Route(HERE, self.send, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """What it means, and who does it. Refusal not_found for what is no file of one's own."""
        session = await self.files.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return self._page(request, session, await self._look(session, request))

    async def send(self, request: Request) -> Response:
        """The confirmation is shown first (`then` is anything else), then done (`then=withdraw`), upon what was
        shown."""
        session = await self.files.sign_in.session(request)
        if isinstance(session, Response):
            return session
        fields = await form_body(request)
        found, capacity = await self._look(session, request), capacity_of(fields.get("capacity", ""))
        if capacity is None:
            return self._page(request, session, found, errors={"candidate": WHO}, status=422)
        try:
            await self.db.read(
                lambda conn: withdrawing.refuse_unknown_signer(
                    conn, self.services, found.view.sheet, capacity
                )
            )
            if fields.get("then") != "withdraw":
                return self._page(request, session, found, capacity=capacity, confirms=True)
            asked = AskedWithdrawal(capacity=capacity, seen=fields.get("seen", "")[:64])
            await self._write(session, found, asked)
        except Unavailable:
            raise
        except Refusal as refusal:
            return await self._refused(request, session, capacity, refusal)
        return RedirectResponse(f"/dossiers/{found.view.number}?fait=retrait", 303)

    async def _write(self, session: Session, found: WithdrawalLook, asked: AskedWithdrawal) -> None:
        by, number = Actor(session.username, SessionRole.CANDIDATE), found.view.sheet.submission

        async def write(conn: AsyncConnection) -> bool:
            return await withdrawing.withdraw(conn, self.services, number, asked, by, now_ms())

        await self.db.write(write)

    async def _refused(
        self, request: Request, session: Session, capacity: Capacity, refusal: Refusal
    ) -> Response:
        """The page as things are now; who has seen something else is shown it, and confirms anew."""
        found = await self._look(session, request)
        if refusal.code is Code.CHANGED_MEANWHILE and found.view.status in WITHDRAWABLE:
            return self._page(
                request, session, found, capacity=capacity, confirms=True, note=CHANGED, status=409
            )
        return self._page(request, session, found, capacity=capacity, refusal=refusal)

    async def _look(self, session: Session, request: Request) -> WithdrawalLook:
        async def read(conn: AsyncConnection) -> WithdrawalLook:
            view = await self.files.view(conn, session.owner, request.path_params["number"])
            return WithdrawalLook(
                view=view,
                means=await withdrawing.look(conn, self.services, view.history),
                capacities=await withdrawing.who_may(conn, self.services, view.sheet),
            )

        return await self.db.read(read)

    def _page(
        self,
        request: Request,
        session: Session,
        found: WithdrawalLook,
        *,
        capacity: Capacity | None = None,
        confirms: bool = False,
        note: str = "",
        errors: dict[str, str] | None = None,
        refusal: Refusal | None = None,
        status: int = 200,
    ) -> Response:
        answer = form_answer(
            self.render, self.tell, incoming(request), "withdrawal.html", refusal=refusal, errors=errors or {},
            status=status, way_on=WayOn(), session=session, view=found.view, means=found.means,
            sentences=sentences(found.means), capacities=found.capacities, capacity=capacity, note=note,
            is_open=found.view.status in WITHDRAWABLE, confirms=confirms, status_words=STATUSES[found.view.status],
        )  # fmt: skip
        return response_of(answer)
