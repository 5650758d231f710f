"""When an amendment can be made, and the words of why not."""

import pytest

from casework.amendments.states import (
    GROUNDS,
    REVIEWS,
    SLUGS,
    SWITCHES,
    TITLES,
    AmendmentAct,
    AmendmentGround,
    ground_of,
)
from casework.files.states import FileStatus
from casework.files.status import ENDS
from casework.switches.telling import AMENDABLE
from submission.forms.model import AmendmentKind

G, S = AmendmentGround, FileStatus


@pytest.mark.parametrize(
    ("status", "is_on", "is_asked", "ground"),
    [
        pytest.param(S.AWAITING_PAYMENT, True, True, G.NOT_PAID, id="between-submission-and-payment"),
        pytest.param(S.AWAITING_PAYMENT, False, True, G.NOT_PAID, id="unpaid-and-off"),
        pytest.param(S.REVERSED, True, True, G.NOT_PAID, id="payment-went-back"),
        pytest.param(S.PAID, False, True, G.NOT_YET, id="switched-off"),
        pytest.param(S.PAID, True, False, G.NOT_ASKED, id="the-form-has-no-such-question"),
        pytest.param(S.PAID, True, True, None, id="paid-and-on"),
        pytest.param(S.AWAITING_DOCUMENTS, True, True, None, id="documents-awaited"),
        pytest.param(S.IN_EXAMINATION, True, True, None, id="in-examination"),
        pytest.param(S.DECIDED, True, True, G.FILE_OVER, id="decided"),
        pytest.param(S.WITHDRAWN, True, True, G.FILE_OVER, id="withdrawn"),
    ],
)
def test_after_the_payment_and_before_a_decision(
    status: FileStatus, is_on: bool, is_asked: bool, ground: AmendmentGround | None
) -> None:
    """PM-01: not between submission and payment; PM-02: only once it is switched on."""
    assert ground_of(status, AMENDABLE, is_on, is_asked) is ground


def test_nothing_is_amended_in_a_file_that_has_ended() -> None:
    """Whatever the switch says."""
    assert not AMENDABLE & (ENDS | {S.AWAITING_PAYMENT, S.REVERSED, S.DECIDED})
    assert all(ground_of(status, AMENDABLE, True, True) is not None for status in ENDS)


def test_every_word_has_its_french() -> None:
    """Kinds, grounds, and what agents do."""
    assert set(SWITCHES) == set(TITLES) == set(SLUGS) == set(AmendmentKind)
    assert set(GROUNDS) == set(AmendmentGround) and set(REVIEWS) == set(AmendmentAct)
    assert len(set(SLUGS.values())) == len(AmendmentKind)
    assert "pas encore disponible" in GROUNDS[G.NOT_YET]
