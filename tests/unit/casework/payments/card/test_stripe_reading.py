"""Stripe's answers, read."""

from typing import Any

import msgspec
import pytest

from casework.payments.card.port import WrongWebhook
from casework.payments.card.states import CardMovementKind, ChargeState
from casework.payments.card.stripe_reading import disputed, event_of, moved_of, refunded, truth_of

CHARGE = {"id": "ch_1", "created": 10}


def page(status: str, paid: str = "unpaid", intent: str | None = None, **more: Any) -> dict[str, Any]:
    """A page as the API shows it."""
    opened = {
        "id": "pi_1",
        "status": intent,
        "amount_received": 812,
        "currency": "cad",
        "latest_charge": CHARGE,
        **more,
    }
    return {
        "id": "cs_1",
        "status": status,
        "payment_status": paid,
        "url": "http://p",
        "payment_intent": opened,
    }


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (page("open"), ChargeState.OPEN),
        (page("open", intent="requires_payment_method"), ChargeState.OPEN),
        (page("open", intent="requires_action"), ChargeState.OPEN),
        (page("open", intent="processing"), ChargeState.PROCESSING),
        (page("complete", intent="processing"), ChargeState.PROCESSING),
        (page("complete", intent="requires_payment_method"), ChargeState.FAILED),
        (page("complete", "paid", "succeeded"), ChargeState.PAID),
        (page("expired"), ChargeState.EXPIRED),
        (page("expired", intent="canceled"), ChargeState.EXPIRED),
        (page("expired", intent="processing"), ChargeState.PROCESSING),
        (page("expired", intent="succeeded"), ChargeState.PAID),
        (page("open", intent="succeeded"), ChargeState.PAID),
    ],
)
def test_the_payments_own_word_counts(shown: dict[str, Any], state: ChargeState) -> None:
    """A page that is over may have a payment that is not."""
    truth = truth_of(shown, [], [])
    assert truth.state is state
    assert bool(truth.movements) is (state is ChargeState.PAID)


def test_a_page_without_a_payment_is_read() -> None:
    truth = truth_of(
        {"id": "cs_1", "status": "open", "payment_status": "unpaid", "payment_intent": None}, [], []
    )
    assert (truth.state, truth.payment, truth.href) == (ChargeState.OPEN, None, "")


def test_what_moved_is_summed_up_by_ids_that_never_change() -> None:
    refunds: list[dict[str, Any]] = [
        {"id": "re_1", "amount": 100, "status": "succeeded", "created": 20},
        {"id": "re_2", "amount": 50, "status": "failed", "created": 21,
         "failure_balance_transaction": {"created": 30}},
    ]  # fmt: skip
    lines = [{"amount": -662, "created": 40}, {"amount": 662, "created": 50}]
    disputes: list[dict[str, Any]] = [
        {"id": "dp_1", "balance_transactions": lines},
        {"id": "dp_2", "balance_transactions": []},
    ]
    truth = truth_of(page("complete", "paid", "succeeded"), refunds, disputes)
    assert [(one.id, one.kind, one.amount_cents, one.at) for one in truth.movements] == [
        ("ch_1", CardMovementKind.PAYMENT, 812, 10_000),
        ("re_1", CardMovementKind.REFUND, -100, 20_000),
        ("re_2", CardMovementKind.REFUND, -50, 21_000),
        ("re_2:failed", CardMovementKind.REFUND_FAILED, 50, 30_000),
        ("dp_1", CardMovementKind.DISPUTE, -662, 40_000),
        ("dp_1:won", CardMovementKind.DISPUTE_WON, 662, 50_000),
    ]
    assert {one.payment for one in truth.movements} == {"pi_1"}
    assert refunded({"id": "re_3", "amount": 1, "status": "failed", "created": 2}, "pi_1")[1].at == 2_000
    assert disputed({"id": "dp_3"}, "pi_1") == []


def test_another_currency_is_no_payment_of_ours() -> None:
    """Nothing has moved; what was paid is said, for a person."""
    found = truth_of(page("complete", "paid", "succeeded", currency="usd"), [], [])
    assert (found.state, found.movements) == (ChargeState.PAID, ())
    assert found.foreign is not None and found.foreign.currency == "USD" and found.foreign.amount > 0


def test_lines_of_the_balance_have_the_same_ids() -> None:
    source = {"id": "re_2", "payment_intent": "pi_1"}
    line = {"reporting_category": "refund_failure", "amount": 50, "created": 30, "source": source}
    moved = moved_of(line)
    assert moved is not None
    assert (moved.id, moved.kind, moved.payment, moved.at) == (
        "re_2:failed",
        CardMovementKind.REFUND_FAILED,
        "pi_1",
        30_000,
    )
    bare = moved_of(line | {"source": "re_2"})
    assert bare is not None
    assert (bare.id, bare.payment) == ("re_2:failed", "")
    assert moved_of(line | {"reporting_category": "fee"}) is None
    assert moved_of(line | {"reporting_category": "payout"}) is None


def event(**values: Any) -> bytes:
    """The body of a webhook."""
    shown = {"id": "evt_1", "object": "event", "type": "t", "created": 9, "data": {"object": {}}} | values
    return msgspec.json.encode(shown)


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1", "client_reference_id": "a"},
         ("cs_1", "pi_1", "a")),
        ({"id": "pi_1", "object": "payment_intent", "metadata": {"charge": "a"}}, (None, "pi_1", "a")),
        ({"id": "dp_1", "object": "dispute", "payment_intent": "pi_1"}, (None, "pi_1", None)),
        ({"id": "pi_1", "object": "payment_intent", "metadata": {"charge": 7}}, (None, "pi_1", None)),
        ({"id": "cs_1", "object": "checkout.session", "payment_intent": {"id": "pi_1"}}, ("cs_1", None, None)),
        ({}, (None, None, None)),
    ],
)  # fmt: skip
def test_an_event_says_what_it_is_about(about: dict[str, Any], found: tuple[str | None, ...]) -> None:
    read = event_of(event(data={"object": about}))
    assert (read.session, read.payment, read.reference) == found
    assert (read.id, read.at) == ("evt_1", 9_000)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{}", b"\xff", b"{" * 50, event(object="charge"), event(id=""), event(id="e" * 300),
     event(id=7), event(created="x"), event(data=[]), event(data={"object": None}), event(type=None)],
)  # fmt: skip
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WrongWebhook):
        event_of(body)
