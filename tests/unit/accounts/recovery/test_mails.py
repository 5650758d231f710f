"""What the mails of recovery say, and do not say."""

import pytest

from accounts.recovery import mails
from accounts.recovery.states import LostSecret


@pytest.mark.parametrize("what", list(LostSecret))
def test_a_link_is_mailed_without_a_name(what: LostSecret) -> None:
    """The link, how long it is good, and what to do if it was somebody else."""
    mail = mails.link("a@exemple.invalid", what, "abc", "http://guichet.test", 60)
    assert "http://guichet.test/recuperation/lien?jeton=abc" in mail.text
    assert "60 minutes" in mail.text
    assert "ne faites rien" in mail.text
    assert "exemple" not in mail.text


@pytest.mark.parametrize("what", list(LostSecret))
def test_the_owner_is_told_what_was_done(what: LostSecret) -> None:
    """And whom to ask if it was not them."""
    assert "/recuperation" in mails.renewed("a@exemple.invalid", what, "http://guichet.test").text
