"""Webhooks: verified, written down once, answered at once; what became of the payment is asked by a task.

`POST /webhooks/{provider}`, also at `/api/v1/payments/webhook`. Nothing that comes there is a reason to answer 5xx, but
a store of ours that is away: then the provider tries again.
"""

import time
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.payments.card import charges
from casework.payments.card.port import ProviderEvent, WrongWebhook
from casework.payments.card.services import CardServices, CardTask
from casework.payments.card.states import is_news
from casework.payments.card.store import EVENT, provider_event
from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.database import Database
from foundation.sql.tables import InsertOnce
from foundation.subjects import Subject
from server.rate_limits import Buckets, Rate
from server.requests import incoming
from server.responses import json_response

log = structlog.get_logger()

SIGNATURE: Final = b"stripe-signature"

WORTH_ASKING: Final = ("checkout.session.", "payment_intent.", "charge.", "refund.")
"""What events begin with whose payment is asked about. All others are written down, and change nothing."""

_E = provider_event.c

WRITTEN: Final = InsertOnce(
    provider_event, unique=[_E.provider, _E.event], returning=[_E.id, _E.charge], charge=charges.MEANT
)
"""An event; what it names is given with it (`charges.names`)."""

WRONG_ONES: Final = Rate(at_once=20, per_second=0.2)
"""Webhooks of one address that are none: the provider's are all good, so it is never held up."""


class WebhookDoor:
    """The handler."""

    def __init__(self, db: Database, services: CardServices) -> None:
        self.db, self.services = db, services
        self._wrong = Buckets(WRONG_ONES)

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/webhooks/{provider}", self.hear, methods=["POST"]),
            Route("/api/v1/payments/webhook", self.hear, methods=["POST"]),
        ]

    async def hear(self, request: Request) -> Response:
        """200 for whatever the provider signed, known to us or not. Refusals bad_request (+`problem`: signature,
        too_old, no_event), too_large, rate_limited; not_found where no key is set, or for another provider's."""
        provider, named = self.services.provider, request.path_params.get("provider")
        if provider is None or (named is not None and named != provider.name):
            raise Refusal(Code.NOT_FOUND)
        body, came, clock = await request.body(), incoming(request), time.monotonic()
        wait = self._wrong.wait(came.address, clock)
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, retry_after=1 + int(wait))
        try:
            event = provider.event(body, came.header(SIGNATURE))
        except WrongWebhook as wrong:
            self._wrong.take(came.address, clock)
            log.warning("webhook_refused", reason=wrong.problem)
            raise Refusal(Code.BAD_REQUEST, problem=wrong.problem) from None
        is_new = await self.db.write(lambda conn: written(conn, provider.name, event, now_ms()))
        return json_response({"received": True, "new": is_new})


async def written(conn: AsyncConnection, provider: str, event: ProviderEvent, now: int) -> bool:
    """Write an event down, once, and have its payment asked about where it may say more than is known; whether it was
    new."""
    values = {
        "provider": provider, "event": event.id, "type": event.type, "said_at": event.at, "received_at": now,
        **charges.names(event),
    }  # fmt: skip
    made = await WRITTEN.execute(conn, values)
    if made is None:
        return False
    if made.charge is None:
        log.warning("webhook_of_no_charge", kind=event.type)
    elif event.type.startswith(WORTH_ASKING):
        state, session = await charges.standing(conn, made.charge)
        if session is None and event.session is not None:
            await charges.learn_session(conn, made.charge, event.session)
        if is_news(state, event.type):
            await outbox.stage(conn, CardTask.HINT, Subject.row(EVENT, made.id), now)
    return True
