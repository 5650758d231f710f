"""What a payment by post is: the whole table of cases, and what is shown of each (PY-03, PY-04, PY-05)."""

from datetime import date

import msgspec
import pytest

from casework.files.states import FileStatus
from casework.payments.postal import (
    DueSupplement,
    FileMoney,
    PostalPayment,
    PostalVerdict,
    consequences,
    judge,
)
from casework.payments.states import POSTAL, Instrument, MoneyReason

S, V, LAST = FileStatus, PostalVerdict, date(2016, 7, 13)

ONE = Instrument.BANK_DRAFT


def standing(
    status: FileStatus = S.AWAITING_PAYMENT,
    fee: int | None = 75_000,
    under_way: bool = False,
    misdated: bool = False,
) -> FileMoney:
    return FileMoney(status=status, fee=fee, pay_by=LAST, under_way=under_way, misdated=misdated)


EXTRA = DueSupplement(cents=16_000, pay_by=date(2016, 8, 15))


def extra(
    *,
    status: FileStatus = S.PAID,
    has_lapsed: bool = False,
    given_up: bool = False,
    under_way: bool = False,
    restorable: bool = False,
    misdated: bool = False,
) -> FileMoney:
    """A file whose fee is here, and what an amendment of it costs; or that had one which lapsed, or was given up."""
    return FileMoney(
        status=status, fee=75_000, pay_by=LAST, under_way=under_way, lapsed=EXTRA if has_lapsed else None,
        given_up=given_up, supplement=None if has_lapsed else EXTRA, restorable=restorable, misdated=misdated,
    )  # fmt: skip


def paid(cents: int = 75_000, on: date = LAST, instrument: Instrument | None = ONE) -> PostalPayment:
    return PostalPayment(instrument=instrument, cents=cents, received_on=on)


LATE = date(2016, 7, 14)

CASES = [
    (paid(), None, V.NO_FILE, True, None),
    (paid(instrument=None), standing(), V.OTHER_INSTRUMENT, True, None),
    (paid(instrument=Instrument.CARD), standing(), V.OTHER_INSTRUMENT, True, None),
    (paid(instrument=None, on=LATE), standing(), V.OTHER_INSTRUMENT, True, None),
    (paid(), standing(S.UNPAID_DELETED), V.ENDED, True, None),
    (paid(), standing(S.RETURNED_DELETED), V.ENDED, True, None),
    (paid(), standing(S.ANNULLED), V.ENDED, True, None),
    (paid(), standing(S.WITHDRAWN), V.ENDED, True, None),
    (paid(), standing(fee=None), V.NO_FEE, True, None),
    (paid(on=LATE), standing(), V.LATE, True, None),
    (paid(74_999, LATE), standing(), V.LATE, True, None),
    (paid(on=LATE), standing(misdated=True), V.REPLACES, False, MoneyReason.LATE),
    (paid(75_001, LATE), standing(misdated=True), V.REPLACES, False, MoneyReason.LATE),
    (paid(74_999, LATE), standing(misdated=True), V.LATE, True, None),
    (paid(), standing(misdated=True), V.ACCEPTED, False, None),
    (paid(74_999), standing(), V.PARTIAL, True, MoneyReason.PARTIAL),
    (paid(37_500), standing(), V.PARTIAL, True, MoneyReason.PARTIAL),
    (paid(75_001), standing(), V.TOO_MUCH, False, MoneyReason.TOO_MUCH),
    (paid(), standing(S.PAID), V.PAID_ALREADY, False, MoneyReason.TOO_MUCH),
    (paid(1), standing(S.IN_EXAMINATION), V.PAID_ALREADY, False, MoneyReason.TOO_MUCH),
    (paid(), standing(under_way=True), V.UNDER_WAY, False, MoneyReason.TOO_MUCH),
    (paid(1), standing(under_way=True), V.PARTIAL, True, MoneyReason.PARTIAL),
    (paid(), standing(), V.ACCEPTED, False, None),
    (paid(on=date(2016, 6, 14)), standing(), V.ACCEPTED, False, None),
    (paid(), standing(S.REVERSED), V.ACCEPTED, False, None),
    (paid(), msgspec.structs.replace(standing(S.OPENED, None), asks_fees=False), V.NO_FEE, True, None),
    (paid(16_000, date(2016, 8, 15)), extra(), V.SUPPLEMENT_ACCEPTED, False, None),
    (paid(16_000, date(2016, 8, 16)), extra(), V.SUPPLEMENT_LATE, True, None),
    (paid(16_000), extra(has_lapsed=True), V.SUPPLEMENT_LATE, True, None),
    (paid(16_000), extra(has_lapsed=True, given_up=True), V.SUPPLEMENT_GIVEN_UP, True, None),
    (paid(16_000), extra(has_lapsed=True, restorable=True), V.SUPPLEMENT_ACCEPTED, False, None),
    (paid(15_999), extra(has_lapsed=True, restorable=True), V.SUPPLEMENT_LATE, True, None),
    (paid(16_001), extra(has_lapsed=True, restorable=True), V.TOO_MUCH, False, MoneyReason.TOO_MUCH),
    (paid(16_000, date(2016, 8, 16)), extra(has_lapsed=True, restorable=True), V.SUPPLEMENT_LATE, True, None),
    (paid(16_000, date(2016, 8, 16)), extra(misdated=True), V.REPLACES, False, MoneyReason.LATE),
    (paid(15_999, date(2016, 8, 16)), extra(misdated=True), V.SUPPLEMENT_LATE, True, None),
    (paid(15_999), extra(), V.SUPPLEMENT_PARTIAL, True, None),
    (paid(16_000, instrument=None), extra(), V.SUPPLEMENT_OTHER_INSTRUMENT, True, None),
    (paid(16_001), extra(), V.TOO_MUCH, False, MoneyReason.TOO_MUCH),
    (paid(16_000), extra(under_way=True), V.UNDER_WAY, False, MoneyReason.TOO_MUCH),
    (paid(16_000), extra(status=S.DECIDED), V.PAID_ALREADY, False, MoneyReason.TOO_MUCH),
    (paid(75_000), extra(status=S.REVERSED), V.ACCEPTED, False, None),
]


@pytest.mark.parametrize(("payment", "of", "verdict", "returned", "queued"), CASES)
def test_what_a_payment_is(
    payment: PostalPayment,
    of: FileMoney | None,
    verdict: PostalVerdict,
    returned: bool,
    queued: MoneyReason | None,
) -> None:
    judged = judge(payment, of)
    assert (judged.verdict, judged.returned, judged.queued) == (verdict, returned, queued)
    said = " ".join(consequences(judged))
    assert ("à retourner par la poste" in said) == (returned and of is not None)
    assert ("une personne décide" in said) == (queued is not None and not returned)
    assert ("suppression" in said) == (verdict is V.PARTIAL)
    assert ("payés en entier" in said) == (verdict in {V.ACCEPTED, V.SUPPLEMENT_ACCEPTED})


def test_every_case_is_in_the_table() -> None:
    assert {case[2] for case in CASES} == set(PostalVerdict)


@pytest.mark.parametrize("instrument", POSTAL)
def test_each_of_the_five_is_accepted(instrument: Instrument) -> None:
    assert judge(paid(instrument=instrument), standing()).verdict is V.ACCEPTED


def test_two_halves_are_two_parts() -> None:
    """A remittance is judged by itself: the second half does not complete the first (PY-04)."""
    assert [judge(paid(37_500), standing()).verdict for _ in range(2)] == [V.PARTIAL, V.PARTIAL]
