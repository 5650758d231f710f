"""What owners are told of changes says nothing about anybody."""

import pytest

from accounts.own_account import mails
from accounts.own_account.mails import OwnerNotice


@pytest.mark.parametrize("kind", OwnerNotice)
def test_each_notice_says_what_changed_and_what_to_do(kind: OwnerNotice) -> None:
    """A greeting without a name, what changed, what to do where it was not the owner."""
    mail = mails.notice("eve@exemple.test", kind)
    assert mail.text.startswith("Bonjour,\n") and "Si ce n’était pas vous" in mail.text
    assert "eve" not in mail.title + mail.text
