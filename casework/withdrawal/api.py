"""`/api/v1/account/files/{number}/withdrawal`: what taking an application back means; doing it (`docs/contract.md`)."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.states import SessionRole
from casework.file_page.pages import FilePages
from casework.file_page.sections import FileView
from casework.payments.services import PaymentServices
from casework.withdrawal import withdrawing
from casework.withdrawal.means import WITHDRAWABLE, sentences
from casework.withdrawal.withdrawing import AskedWithdrawal
from foundation.audit import Actor
from foundation.clock import now_ms
from server.requests import json_body
from server.responses import json_response
from submission.states import Capacity

ADDRESS = "/api/v1/account/files/{number}/withdrawal"


class WithdrawalBody(msgspec.Struct, frozen=True):
    """Body of the POST: who takes it back, and the `seen` of the GET."""

    capacity: Capacity
    seen: str


class WithdrawalApi:
    """The handlers; each is about a file of the account that is signed in, and of no other."""

    def __init__(self, files: FilePages, services: PaymentServices) -> None:
        self.files, self.services, self.db = files, services, files.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.shown, methods=["GET"]),
            Route(ADDRESS, self.withdraw, methods=["POST"]),
        ]

    async def shown(self, request: Request) -> Response:
        """What it means now, and who may do it. Refusals not_signed_in, session_ended, not_found."""
        session = await sessions.required(self.files.services, request)

        async def read(conn: AsyncConnection) -> dict[str, Any]:
            return await self._told(conn, await self._view(conn, session.owner, request))

        return json_response(await self.db.read(read))

    async def withdraw(self, request: Request) -> Response:
        """Done, for good; said again it is the same. Refusals not_signed_in, session_ended, not_found, invalid,
        move_not_allowed, representative_not_recognised, changed_meanwhile (+`told`)."""
        session = await sessions.required(self.files.services, request)
        body = await json_body(request, WithdrawalBody)
        asked = AskedWithdrawal(capacity=body.capacity, seen=body.seen)

        async def write(conn: AsyncConnection) -> dict[str, Any]:
            mine = await self._view(conn, session.owner, request)
            by, number = Actor(session.username, SessionRole.CANDIDATE), mine.sheet.submission
            await withdrawing.withdraw(conn, self.services, number, asked, by, now_ms())
            return await self._told(conn, await self._view(conn, session.owner, request))

        return json_response(await self.db.write(write))

    async def _view(self, conn: AsyncConnection, owner: int, request: Request) -> FileView:
        return await self.files.view(conn, owner, request.path_params["number"])

    async def _told(self, conn: AsyncConnection, view: FileView) -> dict[str, Any]:
        """Where the file stands; what a withdrawal would mean and who may sign it while it can be made."""
        if view.status not in WITHDRAWABLE:
            return {"number": view.number, "status": view.status, "capacities": [], "says": [], "seen": None}
        means = await withdrawing.look(conn, self.services, view.history)
        return {
            "number": view.number,
            "status": view.status,
            "capacities": list(await withdrawing.who_may(conn, self.services, view.sheet)),
            "says": list(sentences(means)),
            "seen": means.seen,
        }
