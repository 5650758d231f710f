"""What happens to a page and its payment."""

from typing import Any

import pytest

from config.demo.card_provider.bank import ApiRefusal, Bank, SandboxChoice
from config.demo.card_provider.books import SandboxBooks


class BankClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


def bank() -> tuple[Bank, list[str], BankClock]:
    """A bank, the types of its events, and its clock."""
    told: list[str] = []
    clock = BankClock()
    return Bank(SandboxBooks(), lambda kind, _about: told.append(kind), clock), told, clock


def order(**values: Any) -> dict[str, Any]:
    """An order of a page."""
    price = {"unit_amount": "81200", "currency": "cad", "product_data": {"name": "Frais"}}
    lines = {"0": {"quantity": "1", "price_data": price}}
    return {"mode": "payment", "line_items": lines, "expires_at": "1003600"} | values


def test_a_page_is_paid_once() -> None:
    made, told, _clock = bank()
    page = made.order(order(), "http://p")
    for _ in range(2):
        made.choose(page, SandboxChoice.PAY)
    assert told == ["payment_intent.succeeded", "checkout.session.completed"]
    assert (page["status"], page["payment_status"]) == ("complete", "paid")
    assert [one["amount"] for one in made.books.all("balance_transaction")] == [81_200]


def test_a_page_closes_at_its_time() -> None:
    made, told, clock = bank()
    page = made.order(order(), "http://p")
    clock.at += 3_600
    assert made.page(page["id"])["status"] == "expired"
    made.choose(page, SandboxChoice.PAY)
    assert told == ["checkout.session.expired"]
    with pytest.raises(ApiRefusal, match="checkout_session_not_open"):
        made.expire(page["id"])


@pytest.mark.parametrize(
    "wrong", [{"mode": "setup"}, {"line_items": {}}, {"expires_at": "1000060"}, {"expires_at": "x"}]
)
def test_an_order_that_the_provider_would_not_take_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ApiRefusal):
        bank()[0].order(order(**wrong), "http://p")


def test_no_more_goes_back_than_came() -> None:
    made, told, _clock = bank()
    page = made.order(order(), "http://p")
    made.choose(page, SandboxChoice.PAY)
    payment = page["payment_intent"]
    with pytest.raises(ApiRefusal, match="parameter_invalid_integer"):
        made.refund(payment, 81_201)
    made.refund(payment, 1_200)
    made.refund(payment, None)
    with pytest.raises(ApiRefusal, match="charge_already_refunded"):
        made.refund(payment, None)
    assert sum(one["amount"] for one in made.books.all("balance_transaction")) == 0
    assert told.count("charge.refunded") == 2


def test_a_dispute_takes_the_money_and_may_give_it_back() -> None:
    made, _told, _clock = bank()
    page = made.order(order(), "http://p")
    made.choose(page, SandboxChoice.PAY)
    dispute = made.dispute(page["payment_intent"])
    with pytest.raises(ApiRefusal, match="charge_disputed"):
        made.dispute(page["payment_intent"])
    with pytest.raises(ApiRefusal, match="charge_disputed"):
        made.refund(page["payment_intent"], 1)
    made.dispute_won(dispute["id"])
    with pytest.raises(ApiRefusal):
        made.dispute_won(dispute["id"])
    assert [one["amount"] for one in dispute["balance_transactions"]] == [-81_200, 81_200]


def test_nothing_of_what_is_not_there() -> None:
    made, _told, _clock = bank()
    page = made.order(order(), "http://p")
    for unknown in (page["payment_intent"], "x"):
        with pytest.raises(ApiRefusal, match="resource_missing"):
            made.refund(unknown, 1)
        with pytest.raises(ApiRefusal, match="resource_missing"):
            made.dispute(unknown)
    with pytest.raises(ApiRefusal, match="resource_missing"):
        made.page("cs_1")
    with pytest.raises(ApiRefusal, match="resource_missing"):
        made.refund_failed("re_1")
