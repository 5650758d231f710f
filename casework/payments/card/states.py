"""Where one attempt to pay by card stands, and the French of it. Pure.

States go forward only: what the provider says later is heard where it is further on, and never takes anything back.
Money that comes back is a movement, not a state (P15).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ChargeState(StrEnum):
    """Where an attempt stands."""

    OPENING = "opening"
    """Written down; the provider has not said yet that there is a page for it."""
    OPEN = "open"
    """The provider has a page for it, on which the person pays, or does not."""
    PROCESSING = "processing"
    """The person has done their part; the bank has not answered."""
    FAILED = "failed"
    """It came to nothing; the person may try again."""
    EXPIRED = "expired"
    """The page was left and is closed; the person may try again."""
    PAID = "paid"
    """The money is with the provider."""


_S = ChargeState

MOVES: Final[Mapping[ChargeState, frozenset[ChargeState]]] = {
    _S.OPENING: frozenset({_S.OPEN, _S.PROCESSING, _S.FAILED, _S.EXPIRED, _S.PAID}),
    _S.OPEN: frozenset({_S.PROCESSING, _S.FAILED, _S.EXPIRED, _S.PAID}),
    _S.PROCESSING: frozenset({_S.FAILED, _S.EXPIRED, _S.PAID}),
    _S.FAILED: frozenset({_S.PAID}),
    _S.EXPIRED: frozenset({_S.PAID}),
    _S.PAID: frozenset(),
}
"""State -> the states that the provider's word can lead to. Money that is there is there, also after an end."""

UNDER_WAY: Final = frozenset({_S.OPENING, _S.OPEN, _S.PROCESSING})
"""Money may still come of it: one of a file at a time, and nothing of the file is deleted."""

STATES: Final[Mapping[ChargeState, str]] = {
    _S.OPENING: "Page de paiement demandée",
    _S.OPEN: "Paiement commencé, pas terminé",
    _S.PROCESSING: "Paiement en vérification",
    _S.FAILED: "Paiement refusé",
    _S.EXPIRED: "Paiement abandonné",
    _S.PAID: "Paiement reçu",
}
"""State -> what its owner reads."""


def after(state: ChargeState, told: ChargeState) -> ChargeState:
    """The state after the provider's word: that one where it is further on, otherwise the state as it is."""
    return told if told in MOVES[state] else state


SAY_PAID: Final = frozenset({
    "checkout.session.completed", "checkout.session.async_payment_succeeded", "payment_intent.succeeded",
    "charge.succeeded",
})  # fmt: skip
"""Events that say of a payment at most that it is there. What comes back has news of its own."""


def is_news(state: ChargeState, event: str) -> bool:
    """Whether an event of this type can say more of an attempt than is known. PAID is the last state, and is written
    with its movement. Pure."""
    return state is not ChargeState.PAID or event not in SAY_PAID


class RefundState(StrEnum):
    """Where a refund that was asked for stands."""

    ASKED = "asked"
    """Written down, with its reason; the provider has not taken it yet."""
    SENT = "sent"
    """The provider has taken it; the movement is on its way or there."""
    REFUSED = "refused"
    """The provider does not refund this: a person looks at it."""


REFUNDS_FR: Final[Mapping[RefundState, str]] = {
    RefundState.ASKED: "Demandé",
    RefundState.SENT: "Fait",
    RefundState.REFUSED: "Refusé par le service de paiement",
}
"""State -> what staff read."""


class CardMovementKind(StrEnum):
    """What the provider says has moved."""

    PAYMENT = "payment"
    """In: the person has paid."""
    REFUND = "refund"
    """Out: we gave it back."""
    REFUND_FAILED = "refund_failed"
    """In again: a refund that the bank did not take."""
    DISPUTE = "dispute"
    """Out: the person's bank took it back."""
    DISPUTE_WON = "dispute_won"
    """In again: the bank gave it back to us."""


MOVEMENTS_FR: Final[Mapping[CardMovementKind, str]] = {
    CardMovementKind.PAYMENT: "Paiement par carte",
    CardMovementKind.REFUND: "Remboursement",
    CardMovementKind.REFUND_FAILED: "Remboursement qui n’a pas abouti",
    CardMovementKind.DISPUTE: "Contestation auprès de la banque",
    CardMovementKind.DISPUTE_WON: "Contestation rejetée",
}
"""Kind -> what staff read."""
