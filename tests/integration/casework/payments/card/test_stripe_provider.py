"""The adapter with the provider's library, against the sandbox over HTTP."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import msgspec
import pytest

from casework.payments.card.port import ProviderAway, ProviderRefuses, WrongWebhook
from casework.payments.card.states import CardMovementKind, ChargeState
from casework.payments.card.stripe_provider import TOLERANCE_SECONDS, StripeProvider
from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.deliveries import signature
from config.demo.card_provider.pages import BAD, GOOD
from tests.support.processes.card_providers import CardHere, card_here, order


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


async def test_a_page_is_ordered_once_a_reference(card: CardHere) -> None:
    """Also after the answer to the first order was lost on its way."""
    card.behave(loses_answers=1)
    with pytest.raises(ProviderAway):
        await card.provider.open_page(order())
    wanted = order()
    with pytest.raises(ProviderRefuses, match="IdempotencyError"):
        await card.provider.open_page(msgspec.structs.replace(wanted, amount_cents=99_900))
    (page,) = card.sandbox.books.all("checkout.session")
    assert page["client_reference_id"] == "charge-1"
    other = order("charge-2")
    assert await card.provider.open_page(other) == await card.provider.open_page(other)
    assert len(list(card.sandbox.books.all("checkout.session"))) == 2


async def test_a_payment_is_read_with_everything_that_moved(card: CardHere) -> None:
    page = await card.provider.open_page(order())
    assert (await card.provider.read(page.session)).state is ChargeState.OPEN
    await card.choose(page.href, SandboxChoice.DECLINE)
    declined = await card.provider.read(page.session)
    assert (declined.state, declined.failure) == (ChargeState.OPEN, "insufficient_funds")
    assert await card.choose(page.href, SandboxChoice.PAY) == "http://guichet.test/retour"
    paid = await card.provider.read(page.session)
    assert (paid.state, [one.amount_cents for one in paid.movements]) == (ChargeState.PAID, [81_200])
    assert paid.payment is not None
    first = await card.provider.refund(paid.payment, 1_200, "again")
    assert await card.provider.refund(paid.payment, 1_200, "again") == first
    dispute = card.sandbox.bank.dispute(paid.payment)
    card.sandbox.bank.dispute_won(dispute["id"])
    card.sandbox.bank.refund_failed(first)
    truth = await card.provider.read(page.session)
    assert [(one.kind, one.amount_cents) for one in truth.movements] == [
        (CardMovementKind.PAYMENT, 81_200),
        (CardMovementKind.REFUND, -1_200),
        (CardMovementKind.REFUND_FAILED, 1_200),
        (CardMovementKind.DISPUTE, -80_000),
        (CardMovementKind.DISPUTE_WON, 80_000),
    ]
    now = round(time.time() * 1000)
    booked = await card.provider.moved(now - 60_000, now + 60_000)
    assert {one.id: one.amount_cents for one in booked} == {
        one.id: one.amount_cents for one in truth.movements
    }
    assert await card.provider.moved(now + 60_000, now + 120_000) == []


@pytest.mark.parametrize(("answer", "state"), [(GOOD, ChargeState.PAID), (BAD, ChargeState.OPEN)])
async def test_the_bank_asks_the_person_first(card: CardHere, answer: str, state: ChargeState) -> None:
    page = await card.provider.open_page(order())
    where = await card.choose(page.href, SandboxChoice.THREE_D_SECURE)
    assert (await card.provider.read(page.session)).state is ChargeState.OPEN
    await card.choose(card.url + where, answer)
    assert (await card.provider.read(page.session)).state is state


async def test_a_slow_bank_is_waited_for(card: CardHere) -> None:
    page = await card.provider.open_page(order())
    await card.choose(page.href, SandboxChoice.SLOW)
    assert (await card.provider.read(page.session)).state is ChargeState.PROCESSING
    card.sandbox.bank.answered(card.sandbox.bank.page(page.session), is_good=False)
    assert (await card.provider.read(page.session)).state is ChargeState.FAILED


async def test_a_closed_page_takes_no_money(card: CardHere) -> None:
    page = await card.provider.open_page(order())
    await card.provider.close_page(page.session)
    await card.provider.close_page(page.session)
    await card.choose(page.href, SandboxChoice.PAY)
    assert (await card.provider.read(page.session)).state is ChargeState.EXPIRED


async def test_away_and_a_clear_no_are_two_things(card: CardHere) -> None:
    """A 5xx, a limit, a lost connection, a key that is not taken: nobody knows. An unknown page: no."""
    with pytest.raises(ProviderRefuses, match="resource_missing"):
        await card.provider.read("cs_test_unknown")
    with pytest.raises(ProviderRefuses, match="resource_missing"):
        await card.provider.refund("pi_unknown", 100, "k")
    with pytest.raises(ProviderRefuses):
        await card.provider.open_page(order(cents=1))
    for wrong in ({"key": "sk_test_other"}, {"base": "http://127.0.0.1:9"}):
        with pytest.raises(ProviderAway):
            await StripeProvider(card.account(**wrong)).read("cs_1")
    with pytest.raises(ProviderRefuses, match="api_version_invalid"):
        await StripeProvider(card.account(api_version="2020-01-01")).read("cs_1")
    card.behave(is_away=True)
    with pytest.raises(ProviderAway):
        await card.provider.read("cs_1")
    card.behave(answer_ms=2_000)
    with pytest.raises(ProviderAway):
        await StripeProvider(card.account(), call_seconds=0.1).read("cs_1")


def event(card: CardHere, **values: object) -> bytes:
    """The body of an event."""
    shown = {"id": "evt_1", "object": "event", "type": "t", "created": 9, "data": {"object": {}}}
    return json.dumps(shown | values).encode()


async def test_only_what_the_provider_signed_lately_is_heard(card: CardHere) -> None:
    body, secret, now = event(card), card.secrets.webhook_secret, int(time.time())
    assert card.provider.event(body, signature(body, secret, now)).id == "evt_1"
    wrong = {
        "": "signature",
        "x": "signature",
        "t=,v1=": "signature",
        f"t={now}": "signature",
        signature(body, "whsec_other", now): "signature",
        signature(body + b" ", secret, now): "signature",
        signature(body, secret, now - TOLERANCE_SECONDS - 5): "too_old",
    }
    for header, problem in wrong.items():
        with pytest.raises(WrongWebhook) as found:
            card.provider.event(body, header)
        assert found.value.problem == problem, header
    with pytest.raises(WrongWebhook, match="signature"):
        card.provider.event(b"\xff\xfe", signature(b"\xff\xfe", secret, now))
    with pytest.raises(WrongWebhook, match="no_event"):
        card.provider.event(b"[]", signature(b"[]", secret, now))


def test_the_library_is_loaded_by_the_adapter_alone() -> None:
    """It costs 0.25 s: a process without a key never pays it, and nothing else of the payments does."""
    modules = "casework.payments.card.port, casework.payments.card.stripe_reading"
    loaded = f"import sys, {modules}; sys.exit('stripe' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
