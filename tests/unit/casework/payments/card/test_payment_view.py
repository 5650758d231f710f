"""What the owner of a file may do about its payment."""

from datetime import date
from typing import Any

import msgspec
import pytest

from casework.payments.card.payment_view import PaymentView
from casework.payments.card.states import UNDER_WAY, ChargeState
from casework.payments.states import PaymentState
from casework.payments.supplements.due import FileDues
from casework.payments.supplements.rows import Supplement
from submission.fees import FeeLine, FeePerson, FixedFee
from tests.unit.casework.payments.card.test_services import CHARGE

FEE = FixedFee(since=date(2016, 1, 1), lines=(FeeLine(person=FeePerson.PRINCIPAL, count=1, each=812),))


def view(**values: Any) -> PaymentView:
    """A payment that is due, with other values where some are given."""
    known: dict[str, Any] = {
        "submission": 1, "state": PaymentState.NOTHING, "fee": FEE, "balance": 0, "pay_by": 10, "now": 5,
        "steps": [], "tried": [], "moved": [], "takes_cards": True,
    }  # fmt: skip
    known |= values
    dues = FileDues(fee=known["fee"], supplements=[], balance=known["balance"], is_open=True)
    return PaymentView(**({"dues": dues} | known))


@pytest.mark.parametrize("state", PaymentState)
def test_a_new_attempt_begins_only_where_something_is_due(state: PaymentState) -> None:
    assert view(state=state).may_pay is (state in {PaymentState.NOTHING, PaymentState.REVERSED})


def test_and_only_in_time() -> None:
    assert not view(now=11).may_pay
    assert not view(balance=812).may_pay
    assert not view(fee=None).may_pay
    assert (view(balance=200).due, view(balance=900).due, view(fee=None).due) == (612, 0, 0)


def test_what_an_amendment_costs_is_due_once_the_fee_is_here() -> None:
    one = Supplement(id=1, submission=1, serial=1, fee=FEE, asked_at=0, pay_by=20)
    dues = FileDues(fee=FEE, supplements=[one], balance=812, is_open=True)
    shown = view(balance=812, dues=dues, pay_by=20, now=11)
    assert (shown.due, shown.may_pay, shown.supplement) == (812, True, one)
    ended = msgspec.structs.replace(dues, is_open=False)
    assert view(balance=812, dues=ended).supplement is None


@pytest.mark.parametrize("state", ChargeState)
def test_what_is_in_doubt_is_verified(state: ChargeState) -> None:
    """An open page is not in doubt: it may be paid on."""
    tried = [
        msgspec.structs.replace(CHARGE, state=ChargeState.EXPIRED),
        msgspec.structs.replace(CHARGE, state=state),
    ]
    assert view(tried=tried).is_verified is (state in UNDER_WAY - {ChargeState.OPEN})
    assert view().charge is None
