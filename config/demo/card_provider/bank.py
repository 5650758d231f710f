"""What happens to a page and its payment: paid, declined, left, refunded, disputed; each act says which events it is.

Shapes and statuses are those of Stripe's API at the pinned version, as far as our adapter reads them.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from config.demo.card_provider.books import SandboxBooks, Shown

Happened = Callable[[str, Shown], None]
"""Told of each event: its type, and the object it is about."""


class SandboxChoice(StrEnum):
    """The buttons of the page to pay on."""

    PAY = "payer"
    """The card is taken at once."""
    DECLINE = "refuser"
    """The bank says no; the page stays open."""
    THREE_D_SECURE = "3ds"
    """The bank asks the person first; who leaves there has not paid."""
    SLOW = "lent"
    """The page is done, and the bank's answer takes its time."""


class ApiRefusal(Exception):
    """A clear no of the API: its code, and the status it is answered with."""

    def __init__(self, code: str, status: int = 400, param: str | None = None) -> None:
        super().__init__(code)
        self.code, self.status, self.param = code, status, param


class Bank:
    """The provider's acts, over its books."""

    def __init__(
        self, books: SandboxBooks, happened: Happened, clock: Callable[[], float] = time.time
    ) -> None:
        self.books, self._happened, self._clock = books, happened, clock

    def now(self) -> int:
        """Seconds since 1970, as the provider counts."""
        return int(self._clock())

    def order(self, order: dict[str, Any], pages: str) -> Shown:
        """A page to pay on. ApiRefusal for what the provider would not take."""
        lines = order.get("line_items") or {}
        line = lines.get("0") or {}
        price = line.get("price_data") or {}
        try:
            amount = int(price.get("unit_amount", "")) * int(line.get("quantity", ""))
            expires_at = int(order.get("expires_at") or self.now() + 86_400)
        except ValueError:
            raise ApiRefusal("parameter_invalid_integer") from None
        if amount < 50 or price.get("currency") != "cad" or order.get("mode") != "payment":
            raise ApiRefusal("amount_too_small" if amount < 50 else "parameter_invalid", param="line_items")
        if not self.now() + 1_700 <= expires_at <= self.now() + 86_400:
            raise ApiRefusal("parameter_invalid", param="expires_at")
        id = self.books.new_id("cs_test")
        return self.books.keep({
            "id": id, "object": "checkout.session", "mode": "payment", "livemode": False, "created": self.now(),
            "status": "open", "payment_status": "unpaid", "payment_intent": None, "amount_total": amount,
            "currency": "cad", "expires_at": expires_at, "url": f"{pages}/payer/{id}",
            "client_reference_id": order.get("client_reference_id"), "metadata": order.get("metadata") or {},
            "success_url": order.get("success_url") or "", "cancel_url": order.get("cancel_url") or "",
            "title": (price.get("product_data") or {}).get("name", ""),
        })  # fmt: skip

    def page(self, id: str) -> Shown:
        """The page of this id, closed if its time is over. ApiRefusal where there is none."""
        page = self.books.find(id, "checkout.session")
        if page is None:
            raise ApiRefusal("resource_missing", 404, "session")
        if page["status"] == "open" and self.now() >= page["expires_at"]:
            self._expire(page)
        return page

    def expire(self, id: str) -> Shown:
        """Close a page by the owner's order. ApiRefusal once it is not open."""
        page = self.page(id)
        if page["status"] != "open":
            raise ApiRefusal("checkout_session_not_open")
        return self._expire(page)

    def _expire(self, page: Shown) -> Shown:
        page["status"] = "expired"
        self._happened("checkout.session.expired", self.books.keep(page))
        return page

    def choose(self, page: Shown, choice: SandboxChoice) -> None:
        """What the person does on the open page; nothing on one that is not."""
        if page["status"] != "open":
            return
        intent = self._intent(page)
        match choice:
            case SandboxChoice.PAY:
                self.succeed(page, intent)
            case SandboxChoice.DECLINE:
                self._decline(intent, "insufficient_funds")
            case SandboxChoice.THREE_D_SECURE:
                intent["status"] = "requires_action"
                self._happened("payment_intent.requires_action", self.books.keep(intent))
            case SandboxChoice.SLOW:
                intent["status"] = "processing"
                self._happened("payment_intent.processing", self.books.keep(intent))
                page["status"] = "complete"
                self._happened("checkout.session.completed", self.books.keep(page))

    def authenticated(self, page: Shown, is_good: bool) -> None:
        """What the bank says after it has asked the person."""
        intent = self._intent(page)
        if page["status"] != "open" or intent["status"] != "requires_action":
            return
        if is_good:
            self.succeed(page, intent)
        else:
            self._decline(intent, "authentication_required")

    def answered(self, page: Shown, is_good: bool = True) -> None:
        """The bank's answer to a slow payment."""
        intent = self._intent(page)
        if intent["status"] != "processing":
            return
        if is_good:
            self.succeed(page, intent, then="checkout.session.async_payment_succeeded")
        else:
            self._decline(intent, "generic_decline")
            self._happened("checkout.session.async_payment_failed", page)

    def succeed(self, page: Shown, intent: Shown, then: str = "checkout.session.completed") -> None:
        """The money is here."""
        charge = self.books.keep({
            "id": self.books.new_id("ch"), "object": "charge", "amount": page["amount_total"], "currency": "cad",
            "amount_refunded": 0, "refunded": False, "disputed": False, "paid": True, "status": "succeeded",
            "payment_intent": intent["id"], "created": self.now(), "metadata": intent["metadata"],
        })  # fmt: skip
        intent |= {"status": "succeeded", "amount_received": page["amount_total"], "last_payment_error": None}
        intent["latest_charge"] = charge["id"]
        self._happened("payment_intent.succeeded", self.books.keep(intent))
        self._booked(charge["amount"], "charge", charge["id"])
        page |= {"status": "complete", "payment_status": "paid"}
        self._happened(then, self.books.keep(page))

    def refund(self, payment: object, amount: int | None, metadata: dict[str, Any] | None = None) -> Shown:
        """Give money back. ApiRefusal for what is not there."""
        charge = self._charge(payment)
        left = charge["amount"] - charge["amount_refunded"]
        if left <= 0:
            raise ApiRefusal("charge_already_refunded")
        if charge["disputed"]:
            raise ApiRefusal("charge_disputed")
        if amount is not None and not 0 < amount <= left:
            raise ApiRefusal("parameter_invalid_integer", param="amount")
        refund = self.books.keep({
            "id": self.books.new_id("re"), "object": "refund", "amount": amount or left, "currency": "cad",
            "charge": charge["id"], "payment_intent": payment, "status": "succeeded", "created": self.now(),
            "metadata": metadata or {},
        })  # fmt: skip
        self._booked(-refund["amount"], "refund", refund["id"])
        charge["amount_refunded"] += refund["amount"]
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self._happened("charge.refunded", self.books.keep(charge))
        return refund

    def refund_failed(self, id: object) -> Shown:
        """The person's bank does not take a refund: the money is here again."""
        refund = self.books.find(id, "refund")
        if refund is None or refund["status"] != "succeeded":
            raise ApiRefusal("resource_missing", 404)
        line = self._booked(refund["amount"], "refund_failure", refund["id"])
        refund |= {"status": "failed", "failure_balance_transaction": line["id"]}
        self._happened("refund.failed", self.books.keep(refund))
        return refund

    def dispute(self, payment: object) -> Shown:
        """The person's bank takes the money back."""
        charge = self._charge(payment)
        if charge["disputed"]:
            raise ApiRefusal("charge_disputed")
        amount = charge["amount"] - charge["amount_refunded"]
        dispute: Shown = {
            "id": self.books.new_id("dp"), "object": "dispute", "amount": amount, "currency": "cad",
            "charge": charge["id"], "payment_intent": payment, "status": "needs_response", "created": self.now(),
        }  # fmt: skip
        dispute["balance_transactions"] = [self._booked(-amount, "dispute", dispute["id"])]
        charge["disputed"] = True
        self.books.keep(charge)
        self._happened("charge.dispute.created", self.books.keep(dispute))
        return dispute

    def dispute_won(self, id: object) -> Shown:
        """The bank has decided for us, and gives the money back."""
        dispute = self.books.find(id, "dispute")
        if dispute is None or dispute["status"] != "needs_response":
            raise ApiRefusal("resource_missing", 404)
        dispute["balance_transactions"] += [
            self._booked(dispute["amount"], "dispute_reversal", dispute["id"])
        ]
        dispute["status"] = "won"
        self._happened("charge.dispute.closed", self.books.keep(dispute))
        return dispute

    def _intent(self, page: Shown) -> Shown:
        found = self.books.find(page["payment_intent"], "payment_intent")
        if found is not None:
            return found
        intent = self.books.keep({
            "id": self.books.new_id("pi"), "object": "payment_intent", "amount": page["amount_total"],
            "amount_received": 0, "currency": "cad", "status": "requires_payment_method", "latest_charge": None,
            "last_payment_error": None, "metadata": page["metadata"], "created": self.now(),
        })  # fmt: skip
        page["payment_intent"] = intent["id"]
        self.books.keep(page)
        return intent

    def _decline(self, intent: Shown, code: str) -> None:
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"code": "card_declined", "decline_code": code}
        self._happened("payment_intent.payment_failed", self.books.keep(intent))

    def _charge(self, payment: object) -> Shown:
        intent = self.books.find(payment, "payment_intent")
        charge = None if intent is None else self.books.find(intent["latest_charge"], "charge")
        if charge is None:
            raise ApiRefusal("resource_missing", 404, "payment_intent")
        return charge

    def _booked(self, amount: int, category: str, source: str) -> Shown:
        return self.books.keep({
            "id": self.books.new_id("txn"), "object": "balance_transaction", "amount": amount, "currency": "cad",
            "created": self.now(), "reporting_category": category, "source": source,
        })  # fmt: skip
