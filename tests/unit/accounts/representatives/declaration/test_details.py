"""Details at rest: sealed, bound to their row, read with the key that wrote them or not at all."""

import pytest

from accounts.representatives.declaration.details import (
    DetailsCipher,
    RepresentativeDetails,
    UnreadableDetails,
)

DETAILS = RepresentativeDetails(family_name="Canari", given_name="Zoé", email="zoe@exemple.ca", number="C-1")

OLD, NEW = "k" * 40, "n" * 40


def test_what_is_stored_shows_nothing() -> None:
    """Neither name nor address stands in the text, and two rows with the same details differ."""
    cipher = DetailsCipher([OLD])
    stored = cipher.seal("a", DETAILS)
    assert not any(text in stored for text in ("Canari", "exemple"))
    assert stored != cipher.seal("a", DETAILS)
    assert cipher.opened("a", stored) == DETAILS
    assert DETAILS.full_name == "Zoé Canari"


def test_a_text_that_was_moved_to_another_row_does_not_open() -> None:
    """Nor does one without its key; keys rotate, and the newest is known."""
    cipher = DetailsCipher([OLD])
    stored = cipher.seal("a", DETAILS)
    for other, row in ((cipher, "b"), (DetailsCipher([NEW]), "a")):
        with pytest.raises(UnreadableDetails):
            other.opened(row, stored)
    rotated = DetailsCipher([NEW, OLD])
    assert rotated.opened("a", stored) == DETAILS
    assert (cipher.is_newest(stored), rotated.is_newest(stored)) == (True, False)
