"""What the fonts of letters have, and what stands there otherwise."""

import pytest

from casework.letters import glyphs


def test_the_fonts_have_what_french_needs() -> None:
    """Every letter, quote, space and sign that our texts use, and the alphabets around us."""
    needed = "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ«»’“”–—…•·№€$½²\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}ŁłŠšĐđŐőΩЖж"
    assert [one for one in needed if one not in glyphs.covered()] == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [("Élodie", "Élodie"), ("e\N{COMBINING ACUTE ACCENT}", "é"), ("王", "Wang"), ("a\nb", "a b"),
     ("a\N{ZERO WIDTH SPACE}b\N{SOFT HYPHEN}c", "abc"), ("\ue000", "?"), ("", "")],
)  # fmt: skip
def test_a_text_is_shown_in_characters_that_are_there(given: str, shown: str) -> None:
    """As it is where it can be, else in Latin letters; never a box."""
    assert glyphs.printed(given).strip() == shown
