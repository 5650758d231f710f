"""The mails of reviews."""

import pytest

from accounts.reviews import mails
from accounts.reviews.states import ReviewAct, ReviewKind


@pytest.mark.parametrize("act", sorted(mails.TITLES))
def test_a_mail_says_that_there_is_something_and_where(act: ReviewAct) -> None:
    """No kind of case, no name: whoever reads over a shoulder learns nothing."""
    for kind in ReviewKind:
        mail = mails.notice("a@exemple.invalid", kind, act, "https://guichet.test")
        assert f"https://guichet.test{mails.PAGE}" in mail.text
        assert "doublon" not in mail.text.lower()
        assert "cédé" not in mail.text
        assert mail.title == mails.TITLES[act]
