"""An amendment opens in its own row alone."""

import pytest

from casework.amendments.folding import AmendedLine
from casework.amendments.sealing import AmendmentCipher, AmendmentContent
from foundation.encryption.fields import FieldCipher
from foundation.errors import Unavailable
from tests.support.rooms import KEYS

CONTENT = AmendmentContent(
    "1", {"family": {"status": "marie"}}, [AmendedLine("family.status", "État", "", "Marié")]
)


def test_a_text_that_was_moved_does_not_open() -> None:
    """Neither content nor question; nothing of it is readable at rest; another key opens nothing."""
    cipher = AmendmentCipher(FieldCipher(KEYS, "amendment"))
    stored = cipher.seal(7, 1, CONTENT)
    assert "marie" not in stored and cipher.opened(7, 1, stored) == CONTENT
    asked = cipher.seal_question(3, 1_000, "Depuis quand?")
    assert cipher.opened_question(3, 1_000, asked) == "Depuis quand?"
    strange = AmendmentCipher(FieldCipher(("une autre clé de trente-deux lettres",), "amendment"))
    for opening in (
        lambda: cipher.opened(7, 2, stored), lambda: cipher.opened(8, 1, stored),
        lambda: cipher.opened_question(3, 1_001, asked), lambda: strange.opened(7, 1, stored),
    ):  # fmt: skip
        with pytest.raises(Unavailable):
            opening()
