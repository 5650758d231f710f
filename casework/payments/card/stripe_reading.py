"""Stripe's answers as values of ours. Pure.

The page alone does not say enough: a page that is « expired » may have a payment that succeeded at the last second, one
that is « complete » may wait for the bank. So the payment's own word counts where there is one.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from casework.payments.card.port import (
    CardMovement,
    ChargeTruth,
    ForeignPayment,
    ProviderAway,
    ProviderEvent,
    WrongWebhook,
)
from casework.payments.card.states import CardMovementKind, ChargeState
from foundation.money import CURRENCY

API_VERSION: Final = "2026-10-28.endive"
"""The version of the API that this reading is of; the account's own may be another."""

_K, _S = CardMovementKind, ChargeState

Shown = Mapping[str, Any]
"""An object as the provider's JSON has it."""

REFUND_CAME_BACK: Final = frozenset({"failed", "canceled"})
"""Statuses of a refund whose money is with us again."""

LONGEST_ID: Final = 255
"""As the provider says of its ids."""

_BY_CATEGORY: Final = {
    "charge": (_K.PAYMENT, ""),
    "refund": (_K.REFUND, ""),
    "refund_failure": (_K.REFUND_FAILED, ":failed"),
    "dispute": (_K.DISPUTE, ""),
    "dispute_reversal": (_K.DISPUTE_WON, ":won"),
}
"""Category of a line of the provider's balance -> what moved, and what its id ends in. Fees and payouts are no
movements of a file."""


def truth_of(page: Shown, refunds: Iterable[Shown], disputes: Iterable[Shown]) -> ChargeTruth:
    """Where a charge stands and what moved; nothing did where the payment is in another currency than was asked for,
    which `foreign` says. ProviderAway for a payment that names no charge."""
    intent = page.get("payment_intent") or {}
    charge = intent.get("latest_charge") or {}
    error = intent.get("last_payment_error") or {}
    payment = str(intent.get("id") or "")
    moved: list[CardMovement] = []
    foreign = None
    state = _state(str(page.get("status")), str(page.get("payment_status")), intent.get("status"))
    if state is _S.PAID:
        currency, received = str(intent.get("currency", "")).upper(), int(intent.get("amount_received") or 0)
        if not charge.get("id"):
            raise ProviderAway("a payment that was not asked for in this form")
        at, foreign = _ms(charge["created"]), _foreign(currency, received)
        moved = [] if foreign is not None else [
            CardMovement(id=charge["id"], kind=_K.PAYMENT, amount_cents=received, at=at, payment=payment),
            *(one for refund in refunds for one in refunded(refund, payment)),
            *(one for dispute in disputes for one in disputed(dispute, payment)),
        ]  # fmt: skip
    return ChargeTruth(
        state=state,
        session=str(page.get("id", "")),
        href=str(page.get("url") or ""),
        payment=payment or None,
        failure=error.get("decline_code") or error.get("code"),
        movements=tuple(moved),
        foreign=foreign,
    )


def _foreign(currency: str, received: int) -> ForeignPayment | None:
    return None if currency == CURRENCY else ForeignPayment(currency[:3] or "?", received)


def _state(page: str, paid: str, intent: str | None) -> ChargeState:
    if intent == "succeeded" or (page == "complete" and paid == "paid"):
        return _S.PAID
    if intent == "processing":
        return _S.PROCESSING
    if page == "expired" or intent == "canceled":
        return _S.EXPIRED
    if page == "complete":
        return _S.FAILED if intent == "requires_payment_method" else _S.PROCESSING
    return _S.OPEN


def refunded(refund: Shown, payment: str) -> list[CardMovement]:
    """What moved by one refund: out, and in again where the bank did not take it."""
    id, amount, at = str(refund["id"]), int(refund["amount"]), _ms(refund["created"])
    out = CardMovement(id=id, kind=_K.REFUND, amount_cents=-amount, at=at, payment=payment)
    if refund.get("status") not in REFUND_CAME_BACK:
        return [out]
    line = refund.get("failure_balance_transaction")
    back = _ms(line["created"]) if isinstance(line, Mapping) else at
    return [
        out,
        CardMovement(id=f"{id}:failed", kind=_K.REFUND_FAILED, amount_cents=amount, at=back, payment=payment),
    ]


def disputed(dispute: Shown, payment: str) -> list[CardMovement]:
    """What moved by one dispute; an inquiry of the bank's moves nothing. Its fee is ours, not the file's."""
    moved = []
    for line in dispute.get("balance_transactions") or []:
        amount = int(line["amount"])
        kind, end = (_K.DISPUTE, "") if amount < 0 else (_K.DISPUTE_WON, ":won")
        id = f"{dispute['id']}{end}"
        moved.append(
            CardMovement(id=id, kind=kind, amount_cents=amount, at=_ms(line["created"]), payment=payment)
        )
    return moved


def moved_of(line: Shown) -> CardMovement | None:
    """A line of the provider's balance as a movement; None for what is no movement of a file."""
    known = _BY_CATEGORY.get(str(line.get("reporting_category")))
    if known is None:
        return None
    kind, end = known
    source = line.get("source") or {}
    id, payment = (
        (source.get("id"), source.get("payment_intent")) if isinstance(source, Mapping) else (source, "")
    )
    return CardMovement(
        id=f"{id}{end}", kind=kind, amount_cents=int(line["amount"]), at=_ms(line["created"]),
        payment=str(payment or ""),
    )  # fmt: skip


class _EventObject(msgspec.Struct, frozen=True):
    id: str = ""
    object: str = ""
    payment_intent: Any = None
    client_reference_id: str | None = None
    metadata: dict[str, Any] | None = None


class _EventData(msgspec.Struct, frozen=True):
    object: _EventObject


class _Event(msgspec.Struct, frozen=True):
    id: str
    object: str
    type: str
    created: int
    data: _EventData


def event_of(body: bytes) -> ProviderEvent:
    """The hint in a webhook's body, whose signature is verified. Raises WrongWebhook for what is no event."""
    try:
        read = msgspec.json.decode(body, type=_Event)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise WrongWebhook("no_event") from None
    if read.object != "event" or not 0 < len(read.id) <= LONGEST_ID or len(read.type) > LONGEST_ID:
        raise WrongWebhook("no_event")
    about = read.data.object
    payment = about.id if about.object == "payment_intent" else about.payment_intent
    reference = about.client_reference_id or (about.metadata or {}).get("charge")
    return ProviderEvent(
        id=read.id,
        type=read.type,
        at=_ms(read.created),
        session=about.id if about.object == "checkout.session" else None,
        payment=payment if isinstance(payment, str) else None,
        reference=reference if isinstance(reference, str) else None,
    )


def _ms(seconds: int) -> int:
    return int(seconds) * 1000
