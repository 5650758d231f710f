"""`POST /api/v1/submissions/{receipt}/payments`: beginning to pay by card, for a program."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.services import AccountServices
from casework.payments.card import opening
from casework.payments.card.services import CardServices
from foundation.errors import Code, Refusal
from server.responses import json_response
from submission.receipt_numbers import typed_receipt
from submission.store import submission

PAYMENTS = "/api/v1/submissions/{receipt}/payments"


class PaymentApi:
    """The handler."""

    def __init__(self, accounts: AccountServices, services: CardServices) -> None:
        self.accounts, self.services, self.db = accounts, services, accounts.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [Route(PAYMENTS, self.begin, methods=["POST"])]

    async def begin(self, request: Request) -> Response:
        """201 with the provider's page. Refusals not_signed_in, session_ended, not_found, already_paid,
        payment_expired, payment_pending (+`href` while its page can be paid on), unavailable."""
        session = await sessions.required(self.accounts, request)
        receipt = typed_receipt(request.path_params["receipt"])

        async def mine(conn: AsyncConnection) -> int:
            s = submission.c
            wanted = sa.select(s.id).where(s.receipt == receipt, s.account == session.owner)
            found: int | None = (await conn.execute(wanted)).scalar_one_or_none()
            if found is None:
                raise Refusal(Code.NOT_FOUND)
            return found

        number = await self.db.read(mine)
        charge, is_new = await opening.open_charge(self.db, self.services, number, session.username)
        if not is_new:
            raise Refusal(Code.PAYMENT_PENDING, href=charge.href)
        return json_response({"payment": charge.reference, "state": charge.state, "href": charge.href}, 201)
