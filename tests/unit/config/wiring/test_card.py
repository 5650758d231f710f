"""Payment by card, put together."""

from typing import Any

from casework.payments.card.services import CardTask
from config.settings import Settings
from config.wiring import card
from tests.support.rooms import KEYS
from tests.support.tasks import KNOWN


def settings(**more: Any) -> Settings:
    """Settings with these of the card provider."""
    return Settings(
        database_url="sqlite:///x", redis_url="redis://x", queue_redis_url="redis://x", secret_keys=KEYS,
        public_url="http://guichet.test", **more,
    )  # fmt: skip


def test_without_a_key_nobody_pays_by_card() -> None:
    assert card.provider(settings()) is None
    assert card.provider(settings(card_key="sk_test_1")) is None
    assert set(card.outside(settings(), KNOWN)) == set(CardTask)


def test_with_a_key_there_is_a_provider() -> None:
    made = card.card_services(settings(card_key="sk_test_1", card_webhook_secret="whsec_1"), KNOWN)
    assert made.provider is not None
    assert (made.provider.name, made.pages_origin) == ("stripe", "https://checkout.stripe.com")
