"""`/dossiers/{number}/paiement`: what is due, the way to pay it, and the page to which the provider sends back.

Both addresses show the same page. Whoever comes to one while an attempt is under way has the provider asked at once, as
the webhook's task does, and by the same function: the page says what is so, and does not wait for the news.
"""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from accounts.sessions import Session
from casework.payments.card import asking, opening, payment_view
from casework.payments.card.payment_view import PaymentView
from casework.payments.card.port import ProviderAway
from casework.payments.card.services import CardServices, payment_href
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from server.problems import RefusalText
from server.rendering.forms import Tell
from server.rendering.templating import Render

ASK_EVERY_MS: Final = 3_000
"""The provider is asked no more often than that, however often the page is opened again."""

BACK_EVERY_MS: Final = 250
"""The same of the address to which the provider sends back: who comes from there has just done something."""

PATIENCE_SECONDS: Final = 6.0
"""Whoever waits for a page sees « nous vérifions » after that."""

POLICY: Final = b"content-security-policy"


class PaymentPages:
    """The handlers."""

    def __init__(
        self, services: CardServices, sign_in: SignInPages, render: Render, tell: Tell, policy: str
    ) -> None:
        """`policy` is that of all pages; here a form may lead to the provider's as well."""
        self.services, self.sign_in, self.render, self.tell = services, sign_in, render, tell
        self.db = sign_in.services.db
        self._policy = policy.replace("form-action 'self'", f"form-action 'self' {services.pages_origin}")

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/dossiers/{number}/paiement", self.show, methods=["GET"]),
            Route("/dossiers/{number}/paiement", self.pay, methods=["POST"]),
            Route("/dossiers/{number}/paiement/retour", self.show, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page, for the account the file belongs to. For anybody else 404, whether there is such a file or not."""
        session = await sessions.current(self.sign_in.services, request)
        if session is None:
            return self._for_its_account(request)
        try:
            view = await self._find(session, request)
        except Refusal as refusal:
            if refusal.code != Code.NOT_FOUND:
                raise
            return self._for_its_account(request, session)
        is_away = await self._ask(
            view, BACK_EVERY_MS if request.url.path.endswith("/retour") else ASK_EVERY_MS
        )
        if is_away is not None:
            view = await self._find(session, request)
        return self._page(request, session, view, is_away=bool(is_away))

    async def pay(self, request: Request) -> Response:
        """303 to the provider's page of this file; a refusal stands on ours."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        view = await self._find(session, request)
        try:
            charge, _is_new = await opening.open_charge(
                self.db, self.services, view.submission, session.username
            )
        except Refusal as refusal:
            if isinstance(refusal, Unavailable) and refusal.fields.get("store") != asking.AWAY:
                raise
            words = self.tell(refusal)
            return self._page(
                request, session, await self._find(session, request), words,
                is_away=refusal.code == Code.UNAVAILABLE,
            )  # fmt: skip
        return RedirectResponse(charge.href or payment_href(view.number), 303)

    async def _find(self, session: Session, request: Request) -> PaymentView:
        number = request.path_params["number"]
        return await self.db.read(
            lambda conn: payment_view.find(conn, self.services, session.owner, number, now_ms())
        )

    async def _ask(self, view: PaymentView, every_ms: int) -> bool | None:
        """Whether the provider is away, where it was asked; None where there was nothing to ask. Fails soft."""
        charge = view.charge
        if charge is None or not charge.is_under_way or now_ms() - charge.asked_at < every_ms:
            return None
        with suppress(ProviderAway, Unavailable, TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asking.ask_and_hear(self.db, self.services, charge)
            return False
        return True

    def _for_its_account(self, request: Request, session: Session | None = None) -> Response:
        then = self.sign_in.destinations.safe(payment_href(request.path_params["number"]))
        as_whom = "" if session is None else session.username
        return self.sign_in.page(request, then, status=404, note="dossier", signed_in_as=as_whom)

    def _page(
        self,
        request: Request,
        session: Session,
        view: PaymentView,
        refusal: RefusalText | None = None,
        *,
        is_away: bool = False,
    ) -> Response:
        response = self.render(
            request, "payment.html", status=200 if refusal is None else refusal.status, session=session,
            refusal=refusal, is_away=is_away, **view.shown(),
        )  # fmt: skip
        response.headers[POLICY.decode()] = self._policy
        return response
