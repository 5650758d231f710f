"""Where the payment of a file stands: a table of cases."""

import pytest

from casework.files.states import FileStatus
from casework.payments.states import (
    AWAITS_SUPPLEMENT,
    INSTRUMENTS,
    PAYMENT_STATES,
    PAYMENT_TEXTS,
    POSTAL,
    Instrument,
    PaymentState,
    file_words,
    payment_state,
    shown_status,
)

S, P = FileStatus, PaymentState


@pytest.mark.parametrize(
    ("status", "balance", "to_decide", "under_way", "is_over", "expected"),
    [
        (S.AWAITING_PAYMENT, 0, False, False, False, P.NOTHING),
        (S.AWAITING_PAYMENT, 0, False, False, True, P.EXPIRED),
        (S.AWAITING_PAYMENT, 0, False, True, False, P.PENDING),
        (S.AWAITING_PAYMENT, 0, False, True, True, P.PENDING),
        (S.AWAITING_PAYMENT, 0, True, False, True, P.TO_DECIDE),
        (S.AWAITING_PAYMENT, 500, False, False, False, P.TO_DECIDE),
        (S.PAID, 500, False, False, True, P.PAID),
        (S.IN_EXAMINATION, 500, True, False, True, P.PAID),
        (S.REVERSED, 0, False, False, True, P.REVERSED),
        (S.REVERSED, 0, False, True, True, P.PENDING),
        (S.ANNULLED, 0, False, False, False, P.NOT_DUE),
        (S.UNPAID_DELETED, 0, False, False, True, P.NOT_DUE),
        (S.UNPAID_DELETED, 500, True, False, True, P.TO_DECIDE),
    ],
)
def test_where_a_payment_stands(
    status: FileStatus, balance: int, to_decide: bool, under_way: bool, is_over: bool, expected: PaymentState
) -> None:
    found = payment_state(status, balance=balance, to_decide=to_decide, under_way=under_way, is_over=is_over)
    assert found is expected


@pytest.mark.parametrize("status", S)
def test_where_no_fees_are_asked_for_nothing_is_ever_due(status: FileStatus) -> None:
    """PY-10: whatever a file comes to."""
    found = payment_state(status, balance=0, to_decide=False, under_way=False, is_over=True, asks_fees=False)
    assert found is P.NOT_DUE
    assert shown_status(S.AWAITING_PAYMENT, False) is S.OPENED
    assert shown_status(status, True) is status


@pytest.mark.parametrize(
    ("under_way", "to_decide", "is_over", "expected"),
    [
        (False, False, False, P.NOTHING),
        (True, False, True, P.PENDING),
        (False, True, False, P.TO_DECIDE),
        (False, False, True, P.EXPIRED),
    ],
)
def test_what_an_amendment_costs_is_paid_like_the_fee(
    under_way: bool, to_decide: bool, is_over: bool, expected: PaymentState
) -> None:
    for status in AWAITS_SUPPLEMENT:
        found = payment_state(
            status, balance=900, to_decide=to_decide, under_way=under_way, is_over=is_over, supplement=True
        )
        assert found is expected


def test_every_state_has_its_words() -> None:
    assert set(PAYMENT_STATES) == set(PAYMENT_TEXTS) == set(PaymentState)
    assert set(INSTRUMENTS) == set(Instrument)
    assert "Ne payez pas de nouveau" in PAYMENT_TEXTS[P.PENDING]


def test_there_are_five_by_post() -> None:
    """Five and only five (PY-03)."""
    assert len(POSTAL) == 5 and Instrument.CARD not in POSTAL


def test_between_the_last_day_and_the_end_of_the_wait_the_delay_has_expired() -> None:
    """PY-05: the person reads « Délai expiré », never that the office still waits until some day."""
    assert file_words(S.AWAITING_PAYMENT, True) == (PAYMENT_STATES[P.EXPIRED], PAYMENT_TEXTS[P.EXPIRED])
    assert file_words(S.AWAITING_PAYMENT, False)[0] == "Soumise, en attente du paiement"
    assert file_words(S.PAID, True)[0] == "Payée, dossier ouvert"
