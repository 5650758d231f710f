"""What staff read of a notice."""

import pytest

from casework.mailbox.states import NOTICES, NoticeStanding, notice_standing
from foundation.mail.states import MailState


@pytest.mark.parametrize("state", MailState)
def test_every_state_of_a_mail_is_a_standing(state: MailState) -> None:
    assert notice_standing(str(state)) is not NoticeStanding.NO_ADDRESS


def test_without_a_mail_there_was_no_address() -> None:
    assert notice_standing(None) is NoticeStanding.NO_ADDRESS


def test_every_standing_has_its_words() -> None:
    assert set(NOTICES) == set(NoticeStanding)
