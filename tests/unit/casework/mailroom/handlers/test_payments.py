"""What becomes of a payment, as money judges it."""

from datetime import date

import pytest

from casework.files.states import FileStatus
from casework.mailroom.entries import MailEntry
from casework.mailroom.handlers.payments import judged, payment_of
from casework.mailroom.states import MailKind, MailMove
from casework.payments.postal import FileMoney, judge

DUE = date(2026, 7, 14)

FEE = 78_300


def entry(instrument: str = "bank_draft", cents: int | None = FEE, received: date = DUE) -> MailEntry:
    """A payment that came by post."""
    return MailEntry(
        kind=MailKind.PAYMENT, received_on=received, postmarked_on=None, instrument=instrument, cents=cents
    )


@pytest.mark.parametrize(("of", "move"), [
    (entry(), MailMove.ACCEPT),
    (entry(received=date(2026, 7, 15)), MailMove.SET_ASIDE),
    (entry(cents=FEE - 1), MailMove.SET_ASIDE),
    (entry(cents=FEE + 1), None),
    (entry("personal_cheque"), MailMove.SET_ASIDE),
    (entry("other_currency", None), MailMove.SET_ASIDE),
], ids=["whole", "late", "partial", "too much", "personal", "currency"])  # fmt: skip
def test_each_case_has_its_move(of: MailEntry, move: MailMove | None) -> None:
    """What goes back and what waits is warned of first."""
    money = FileMoney(status=FileStatus.AWAITING_PAYMENT, fee=FEE, pay_by=DUE)
    found = judged(judge(payment_of(of), money))
    assert found.move is move and found.told
    assert bool(found.warns) == (move is not MailMove.ACCEPT)
