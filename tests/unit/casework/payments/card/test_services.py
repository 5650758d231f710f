"""What payment by card works with."""

import msgspec

from casework.payments.card.charges import Charge
from casework.payments.card.services import CardServices
from casework.payments.card.states import ChargeState
from tests.support.candidates.paying import PAYMENTS

CHARGE = Charge(
    id=1, reference="abc", submission=123, serial=1, provider="stripe", state=ChargeState.OPENING, cents=812,
    began_at=1, expires_at=3_600_000,
)  # fmt: skip

SERVICES = CardServices(
    payments=PAYMENTS, provider=None, pages="https://checkout.stripe.com/c", public_url="https://guichet.test"
)


def test_an_order_is_the_same_each_time_and_names_nobody() -> None:
    first, later = SERVICES.order(CHARGE), SERVICES.order(msgspec.structs.replace(CHARGE, asked_at=9))
    assert first == later
    assert first.title == "Frais de la demande, dossier D-0000123-20"
    assert first.back_href == "https://guichet.test/dossiers/D-0000123-20/paiement/retour"
    assert first.cancel_href == "https://guichet.test/dossiers/D-0000123-20/paiement"


def test_a_form_may_lead_to_the_providers_pages() -> None:
    assert SERVICES.pages_origin == "https://checkout.stripe.com"
