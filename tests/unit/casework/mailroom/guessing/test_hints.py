"""What stands on an item is encrypted, bound to its own row."""

import pytest

from casework.mailroom.guessing.hints import HintsCipher, MailHints, UnreadableHints
from tests.support.rooms import KEYS


def test_it_opens_in_its_own_row_alone() -> None:
    """And nothing of it is read in the store."""
    cipher, hints = HintsCipher(KEYS), MailHints(name="Anne Roy", note="déchirée")
    stored = cipher.seal("k" * 16, hints)
    assert cipher.opened("k" * 16, stored) == hints and "Roy" not in stored
    with pytest.raises(UnreadableHints):
        cipher.opened("l" * 16, stored)
