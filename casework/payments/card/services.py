"""What payment by card works with."""

from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from casework.files.numbers import file_number
from casework.payments.card.charges import Charge
from casework.payments.card.port import CardProvider, PageOrder
from casework.payments.services import PaymentServices


class CardTask(StrEnum):
    """Kinds of tasks of payment by card. Each asks the provider first, in no transaction."""

    FOLLOW = "card_follow"
    """Asks what became of an attempt whose person never came back: after a quarter of an hour, some hours, a day."""
    HINT = "card_hint"
    """Asks because a webhook says that something happened."""
    REFUND = "card_refund"
    """Gives money back that a person decided to give back."""
    COMPARE = "card_compare"
    """Compares a day's movements with the provider's own books."""


class CardServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`. `provider` is None where no key is set: nobody pays by card then, and post
    remains. `pages` is where the provider's pages are; `public_url` where ours are."""

    payments: PaymentServices
    provider: CardProvider | None
    pages: str
    public_url: str

    @property
    def pages_origin(self) -> str:
        """Scheme and host of the provider's pages, to which a form of ours may lead."""
        parts = urlsplit(self.pages)
        return f"{parts.scheme}://{parts.netloc}"

    def order(self, charge: Charge) -> PageOrder:
        """The page of an attempt, the same each time: the provider knows it by its reference. No name goes along."""
        number = file_number(charge.submission)
        return PageOrder(
            reference=charge.reference,
            amount_cents=charge.cents,
            title=f"Frais de la demande, dossier {number}",
            expires_at=charge.expires_at,
            back_href=f"{self.public_url}{payment_href(number)}/retour",
            cancel_href=f"{self.public_url}{payment_href(number)}",
        )


def payment_href(number: str) -> str:
    """Where the payment of a file is."""
    return f"/dossiers/{number}/paiement"
