"""What follows for money when the day of its item is put right: the table of cases."""

import pytest

from casework.files.states import FileStatus
from casework.mailroom.correcting.redating import NEW_REASON, SAYS, STANDS, ItemMoney, RedatingStep, next_step
from casework.mailroom.states import MailItemState
from casework.payments.letters import HELD
from casework.payments.postal import PostalVerdict
from casework.payments.states import MoneyReason

S, V, F, R = RedatingStep, PostalVerdict, FileStatus, MoneyReason

M, A, T, B = (
    MailItemState.MATCHED,
    MailItemState.ACCEPTED,
    MailItemState.TO_RETURN,
    MailItemState.RETURNED,
)

WAITS = F.AWAITING_PAYMENT

RETURNED = {"was_returned": True}


def money(
    state: MailItemState, status: FileStatus, before: PostalVerdict, after: PostalVerdict, **values: object
) -> ItemMoney:
    return ItemMoney(state=state, status=status, before=before, after=after, **values)  # type: ignore[arg-type]


IN = {"is_in": True}

CASES = [
    (money(A, F.PAID, V.ACCEPTED, V.ACCEPTED, **IN), S.FOLLOWS),
    (money(A, F.PAID, V.ACCEPTED, V.LATE, **IN), S.LATE_MONEY),
    (money(A, F.DECIDED, V.ACCEPTED, V.LATE, **IN), S.LATE_MONEY),
    (money(A, F.PAID, V.LATE, V.LATE, **IN, waits=R.REDATED), S.FOLLOWS),
    (money(A, F.PAID, V.LATE, V.ACCEPTED, **IN, waits=R.REDATED), S.FOLLOWS),
    (money(A, F.PAID, V.LATE, V.LATE, **IN, is_decided=True), S.FOLLOWS),
    (money(A, F.WITHDRAWN, V.ENDED, V.ENDED, **IN), S.FOLLOWS),
    (money(M, WAITS, V.TOO_MUCH, V.TOO_MUCH, waits=R.TOO_MUCH), S.FOLLOWS),
    (money(M, WAITS, V.TOO_MUCH, V.LATE, waits=R.TOO_MUCH), S.WAITS_LATE),
    (money(M, F.PAID, V.ACCEPTED, V.LATE, waits=R.TOO_MUCH), S.FOLLOWS),
    (money(M, WAITS, V.LATE, V.ACCEPTED, waits=R.LATE), S.ANEW),
    (money(M, WAITS, V.REPLACES, V.REPLACES, waits=R.LATE), S.FOLLOWS),
    (money(T, WAITS, V.LATE, V.ACCEPTED, **RETURNED), S.ANEW),
    (money(T, WAITS, V.LATE, V.PARTIAL, **RETURNED), S.ANEW),
    (money(T, WAITS, V.LATE, V.LATE, **RETURNED), S.FOLLOWS),
    (money(T, WAITS, V.LATE, V.ACCEPTED, **RETURNED, is_decided=True), S.FOLLOWS),
    (money(T, WAITS, V.LATE, V.ACCEPTED), S.FOLLOWS),
    (money(B, WAITS, V.LATE, V.ACCEPTED, **RETURNED), S.SENT_BACK),
    (money(B, WAITS, V.LATE, V.TOO_MUCH, **RETURNED), S.SENT_BACK),
    (money(B, WAITS, V.LATE, V.PARTIAL, **RETURNED), S.FOLLOWS),
    (money(B, WAITS, V.ACCEPTED, V.LATE), S.FOLLOWS),
    (money(T, F.UNPAID_DELETED, V.LATE, V.ACCEPTED, **RETURNED), S.SENT_BACK),
    (money(B, F.UNPAID_DELETED, V.LATE, V.ACCEPTED, **RETURNED), S.SENT_BACK),
    (money(B, F.UNPAID_DELETED, V.LATE, V.LATE, **RETURNED), S.FOLLOWS),
    (money(T, F.UNPAID_DELETED, V.OTHER_INSTRUMENT, V.OTHER_INSTRUMENT), S.FOLLOWS),
]


@pytest.mark.parametrize(("of", "step"), CASES)
def test_what_follows(of: ItemMoney, step: RedatingStep) -> None:
    """Done anew only what is in the house and would be better or no worse; harm is left to a person."""
    assert next_step(of) is step


def test_every_step_is_in_the_table_and_has_its_words() -> None:
    """What asks a person tells its candidate too."""
    assert {step for _, step in CASES} == set(RedatingStep)
    assert set(SAYS) == set(RedatingStep) - {S.ANEW} and set(STANDS) == set(MailItemState)
    assert set(NEW_REASON.values()) <= set(HELD)
