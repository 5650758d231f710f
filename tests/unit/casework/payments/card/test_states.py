"""An attempt to pay goes forward only."""

from itertools import product

import pytest

from casework.payments.card.states import (
    MOVEMENTS_FR,
    MOVES,
    SAY_PAID,
    STATES,
    UNDER_WAY,
    CardMovementKind,
    ChargeState,
    after,
    is_news,
)

ORDER = list(ChargeState)


@pytest.mark.parametrize(("state", "told"), list(product(ChargeState, ChargeState)))
def test_no_word_of_the_provider_leads_back(state: ChargeState, told: ChargeState) -> None:
    assert ORDER.index(after(state, told)) >= ORDER.index(state)
    assert after(ChargeState.PAID, told) is ChargeState.PAID


def test_money_that_is_there_counts_after_every_other_end() -> None:
    """« Expired » that comes before « paid », or after it, takes nothing away."""
    assert all(after(state, ChargeState.PAID) is ChargeState.PAID for state in ChargeState)
    assert after(ChargeState.EXPIRED, ChargeState.FAILED) is ChargeState.EXPIRED


@pytest.mark.parametrize("state", ChargeState)
def test_only_of_what_is_paid_its_payment_is_no_news(state: ChargeState) -> None:
    """Money that comes back is news in every state (P15)."""
    for event in (
        "charge.refunded",
        "charge.dispute.created",
        "refund.failed",
        "payment_intent.payment_failed",
    ):
        assert is_news(state, event)
    assert {is_news(state, event) for event in SAY_PAID} == {state is not ChargeState.PAID}


def test_every_state_has_its_moves_and_words() -> None:
    assert set(MOVES) == set(STATES) == set(ChargeState)
    assert set(MOVEMENTS_FR) == set(CardMovementKind)
    assert {state for state, to in MOVES.items() if len(to) > 1} == UNDER_WAY
