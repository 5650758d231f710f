"""What a letter of withdrawal triggers: at the end of the day, and only where the page of the file would do it too."""

from datetime import date

import pytest

from casework.files.states import FileStatus
from casework.mailroom.handlers.withdrawals import FOR_GOOD, NO_FILE, NOT_IN_FORCE, judged
from casework.mailroom.states import MailMove
from casework.withdrawal.means import WITHDRAWABLE, WithdrawalMeans

TODAY = date(2026, 6, 15)


def means(
    status: FileStatus = FileStatus.PAID, kept: int = 82_200, *, waits: bool = False, under_way: bool = False
) -> WithdrawalMeans:
    return WithdrawalMeans(
        status=status, kept=kept, waits=waits, under_way=under_way, in_quota=True, originals=False
    )


def test_it_says_when_what_stays_and_that_it_is_for_good() -> None:
    found = judged(means(waits=True, under_way=True), FileStatus.PAID, TODAY, may_sign=True)
    said = " ".join(found.told)
    assert found.move is MailMove.ACCEPT and found.warns == (FOR_GOOD,)
    for words in (
        "15 juin 2026",
        "à la fin du jour",
        "822,00",
        "Un autre paiement",
        "par carte",
        "une lettre",
    ):
        assert words in said.replace("\xa0", " ")
    unpaid = judged(means(kept=0), FileStatus.AWAITING_PAYMENT, TODAY, may_sign=True)
    assert "Aucuns frais ne sont payés" in " ".join(unpaid.says) and len(unpaid.says) == 3


@pytest.mark.parametrize("status", FileStatus)
def test_only_what_can_be_taken_back_is_taken_back(status: FileStatus) -> None:
    """Anything else waits for a person, and so does a letter of whoever may not sign."""
    found = judged(means(status), status, TODAY, may_sign=True)
    assert (found.move is MailMove.ACCEPT) == (status in WITHDRAWABLE)
    assert judged(means(status), status, TODAY, may_sign=False).move is None


def test_whoever_has_no_file_or_no_power_waits_for_a_person() -> None:
    assert judged(None, None, TODAY, may_sign=False).warns == (NO_FILE,)
    assert judged(means(), FileStatus.PAID, TODAY, may_sign=False).warns == (NOT_IN_FORCE,)
