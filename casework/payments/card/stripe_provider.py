"""The adapter for Stripe: Checkout Sessions in its hosted form, read back with everything that moved.

The library costs 0.25 s and 13 MB to load, so only this module does, and it is loaded only where a key is set. The
version of the API is pinned; the library itself tries nothing again: our tasks do, with the same idempotency key.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec
import stripe

from casework.payments.card.port import (
    CardMovement,
    ChargeTruth,
    PageOrder,
    ProviderAway,
    ProviderEvent,
    ProviderPage,
    ProviderRefuses,
    WrongWebhook,
)
from casework.payments.card.stripe_reading import event_of, moved_of, truth_of
from foundation.money import CURRENCY

# Otherwise the library writes an id of this machine into the home of its user, and sends it along.
stripe.enable_telemetry = False

CALL_SECONDS: Final = 8.0
"""One answer of the provider's, from the connection to the last byte."""

MOST_CALLS: Final = 5
"""Of one task: an order, or a refund that is looked for first; the page, its refunds, its disputes."""

TOLERANCE_SECONDS: Final = 300
"""A webhook that was signed longer ago is a replay; the provider signs anew each time that it tries."""

MOST_ANSWER_BYTES: Final = 4 * 1024 * 1024
"""A hundred movements with their sources have some 300 kB."""

A_PAGE: Final = 100
"""Of a list: the most that the provider gives at once."""


class StripeAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Whose money it is: the secret key, the secret of the webhooks' signatures, the version of the API, and where the
    API is."""

    key: str
    webhook_secret: str
    api_version: str
    base: str

    def __repr__(self) -> str:
        return f"StripeAccount(base={self.base!r}, api_version={self.api_version!r})"


class OneCallClient(stripe.HTTPClient):
    """The library's way out, on a connection of its own for each call: some a payment, and no loop to belong to.

    The library's own client lets what goes wrong while a body is read pass as it is; here that is away as well.
    """

    name = "aiohttp"

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """One call. Raises the library's APIConnectionError for everything that is no answer."""
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.request(
                    method, url, headers=headers, data=post_data, allow_redirects=False
                ) as answer,
            ):
                body = await answer.content.read(MOST_ANSWER_BYTES)
                while not answer.content.at_eof() and len(body) < MOST_ANSWER_BYTES:
                    body += await answer.content.read(MOST_ANSWER_BYTES - len(body))
                return body, answer.status, answer.headers
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise stripe.APIConnectionError(type(problem).__name__, should_retry=False) from problem

    async def sleep_async(self, secs: float) -> None:
        """The library asks for it before a second try, of which there is none."""
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        """Nothing stays open."""


class StripeProvider:
    """The account's side of the provider (`port.py: CardProvider`)."""

    name = "stripe"
    within_ms = round(CALL_SECONDS * MOST_CALLS * 1000)

    def __init__(self, account: StripeAccount, call_seconds: float = CALL_SECONDS) -> None:
        base = account.base.rstrip("/")
        self._secret = account.webhook_secret
        self._client = stripe.StripeClient(
            account.key,
            stripe_version=account.api_version,
            base_addresses={"api": base, "connect": base, "files": base, "meter_events": base},
            max_network_retries=0,
            http_client=OneCallClient(call_seconds),
        )

    async def open_page(self, order: PageOrder) -> ProviderPage:
        """Ordered again with the same reference the provider answers what it answered the first time."""
        metadata = {"charge": order.reference}
        asked = {
            "mode": "payment",
            "client_reference_id": order.reference,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata, "description": order.title},
            "payment_method_types": ["card"],
            "adaptive_pricing": {"enabled": False},
            "locale": "fr-CA",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY.lower(),
                        "unit_amount": order.amount_cents,
                        "product_data": {"name": order.title},
                    },
                }
            ],
            "expires_at": order.expires_at // 1000,
            "success_url": order.back_href,
            "cancel_url": order.cancel_href,
        }
        session = await self._ask("POST", "/v1/checkout/sessions", asked, key=f"page:{order.reference}")
        href = str(session.get("url") or "")
        if urlsplit(href).scheme not in ("https", "http") or not session.get("id"):
            raise ProviderAway("no page in the answer")
        return ProviderPage(str(session["id"]), href)

    async def read(self, session: str) -> ChargeTruth:
        """The page with its payment; where money came back, the refunds and disputes as well."""
        expand = {"expand": ["payment_intent.latest_charge"]}
        page = await self._ask("GET", f"/v1/checkout/sessions/{session}", expand)
        intent = page.get("payment_intent") or {}
        charge = intent.get("latest_charge") or {}
        refunds, disputes = [], []
        if charge.get("amount_refunded") or charge.get("refunded"):
            back = {"expand": ["data.failure_balance_transaction"]}
            refunds = await self._all("/v1/refunds", {"payment_intent": intent["id"], **back}, most=A_PAGE)
        if charge.get("disputed"):
            disputes = await self._all("/v1/disputes", {"payment_intent": intent["id"]}, most=A_PAGE)
        return truth_of(page, refunds, disputes)

    async def close_page(self, session: str) -> None:
        """A page that is paid or closed already is refused by the provider, which is no news."""
        try:
            await self._ask("POST", f"/v1/checkout/sessions/{session}/expire", {})
        except ProviderRefuses:
            return

    async def refund(self, payment: str, amount_cents: int, key: str) -> str:
        """By the payment. Keys of idempotency are forgotten after a day, so the refund itself carries ours."""
        for refund in await self._all("/v1/refunds", {"payment_intent": payment}, most=A_PAGE):
            if (refund.get("metadata") or {}).get("refund") == key:
                return str(refund["id"])
        asked = {"payment_intent": payment, "amount": amount_cents, "metadata": {"refund": key}}
        return str((await self._ask("POST", "/v1/refunds", asked, key=f"refund:{key}"))["id"])

    async def moved(self, since: int, until: int) -> list[CardMovement]:
        """From the provider's own books, its balance, with the source of each line."""
        created = {"gte": since // 1000, "lt": until // 1000}
        lines = await self._all("/v1/balance_transactions", {"created": created, "expand": ["data.source"]})
        return [moved for line in lines if (moved := moved_of(line)) is not None]

    def event(self, body: bytes, signature: str) -> ProviderEvent:
        """Signature and age are verified by the library."""
        try:
            stripe.WebhookSignature.verify_header(body, signature, self._secret, TOLERANCE_SECONDS)
        except stripe.SignatureVerificationError as problem:
            is_old = str(problem).startswith("Timestamp outside")
            raise WrongWebhook("too_old" if is_old else "signature") from None
        except ValueError:  # no UTF-8: the library reads it before it looks at the signature
            raise WrongWebhook("signature") from None
        return event_of(body)

    async def _all(
        self, path: str, asked: Mapping[str, Any], most: int | None = None
    ) -> list[dict[str, Any]]:
        """Every row of a list, page after page; ProviderAway when it does not end."""
        rows: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = await self._ask("GET", path, {**asked, "limit": A_PAGE, **after})
            found = list(page.get("data") or [])
            rows += found
            if not page.get("has_more") or not found or (most is not None and len(rows) >= most):
                return rows
            after = {"starting_after": str(found[-1]["id"])}

    async def _ask(
        self, method: str, path: str, params: Mapping[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """One call. A limit, a conflict of keys and every 5xx are away: ask again with the same key."""
        options = {"idempotency_key": key} if key else {}
        try:
            answer = await self._client.raw_request_async(method.lower(), path, **params, **options)
        except (stripe.APIConnectionError, stripe.RateLimitError) as problem:
            raise ProviderAway(type(problem).__name__) from problem
        except stripe.StripeError as problem:
            status = problem.http_status or 500
            if status >= 500 or status in (401, 403, 409):
                # A key that is not taken is ours to mend, and loses nobody's payment meanwhile.
                raise ProviderAway(f"{type(problem).__name__} {status}") from problem
            raise ProviderRefuses(problem.code or type(problem).__name__) from problem
        if not isinstance(answer.data, dict):
            raise ProviderAway("no object in the answer")
        return answer.data
