"""What is asked of a card provider, in values of ours. One adapter speaks to a real one (`stripe_provider.py`).

No card data is here: the person types it on a page of the provider's. Each question fails in one of two ways, which are
never confused: `ProviderAway` (nobody knows whether it was done: ask again with the same key) and `ProviderRefuses`
(it was not done, and will not be).
"""

from typing import Protocol

import msgspec

from casework.payments.card.states import CardMovementKind, ChargeState


class ProviderAway(Exception):
    """No answer in time, or one that is no answer: what was asked may have been done or not."""


class ProviderRefuses(Exception):
    """A clear no: `code` is the provider's word for it, such as `charge_already_refunded`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WrongWebhook(Exception):
    """What came to the address of webhooks is not one: `problem` is `signature`, `too_old` or `no_event`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class PageOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A page to be paid on. `reference` is the charge's own and the idempotency key: ordered twice, it is one page.
    `expires_at` is the instant from which on it takes no money."""

    reference: str
    amount_cents: int
    title: str
    expires_at: int
    back_href: str
    cancel_href: str


class ProviderPage(msgspec.Struct, frozen=True):
    """The page: the provider's id of it, and where it is."""

    session: str
    href: str


class CardMovement(msgspec.Struct, frozen=True, kw_only=True):
    """Money that moved at the provider: `id` names it once for good (`re_…:failed`), `amount_cents` has its sign, `at`
    is the provider's instant. `payment` is the payment that it belongs to."""

    id: str
    kind: CardMovementKind
    amount_cents: int
    at: int
    payment: str = ""


class ForeignPayment(msgspec.Struct, frozen=True):
    """A payment in another currency than was asked for, such as USD, in its smallest unit: no money of a file."""

    currency: str
    amount: int


class ChargeTruth(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of a charge now: where it stands, and everything that moved. `failure` is the bank's last
    word against it."""

    state: ChargeState
    session: str = ""
    href: str = ""
    payment: str | None = None
    failure: str | None = None
    movements: tuple[CardMovement, ...] = ()
    foreign: ForeignPayment | None = None


class ProviderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook says: a hint that something happened to one of these, and nothing more. `at` in milliseconds."""

    id: str
    type: str
    at: int
    session: str | None = None
    payment: str | None = None
    reference: str | None = None


class CardProvider(Protocol):
    """A provider. Every method may raise ProviderAway or ProviderRefuses, and ends within `within_ms`."""

    name: str
    within_ms: int

    async def open_page(self, order: PageOrder) -> ProviderPage:
        """A page for this order; the same one when it is ordered again."""

    async def read(self, session: str) -> ChargeTruth:
        """What is so now of the page and of all money that came by it."""

    async def close_page(self, session: str) -> None:
        """Let nobody pay on this page any more; nothing where it is closed already."""

    async def refund(self, payment: str, amount_cents: int, key: str) -> str:
        """Give this much of a payment back, once a key; the provider's id of the refund."""

    async def moved(self, since: int, until: int) -> list[CardMovement]:
        """Everything that moved from one instant until before another, in any order."""

    def event(self, body: bytes, signature: str) -> ProviderEvent:
        """What a webhook says, once its signature and age are verified. Raises WrongWebhook."""
