"""What is asked of a provider, in values."""

import inspect

from casework.payments.card.port import CardProvider, ProviderRefuses, WrongWebhook
from casework.payments.card.stripe_provider import StripeAccount, StripeProvider


def test_the_adapter_answers_every_question_of_the_port() -> None:
    asked = {name for name, _ in inspect.getmembers(CardProvider, inspect.isfunction) if name[0] != "_"}
    assert asked == {"open_page", "read", "close_page", "refund", "moved", "event"}
    for name in asked:
        port, adapter = getattr(CardProvider, name), getattr(StripeProvider, name)
        assert inspect.signature(port) == inspect.signature(adapter), name


def test_what_went_wrong_has_the_word_for_it() -> None:
    assert ProviderRefuses("charge_disputed").code == "charge_disputed"
    assert WrongWebhook("too_old").problem == "too_old"


def test_an_account_shows_no_secret() -> None:
    """Wherever it is printed."""
    account = StripeAccount(key="sk_secret", webhook_secret="whsec_secret", api_version="1", base="http://x")
    assert "secret" not in f"{account} {account!r}"
