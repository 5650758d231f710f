"""Texts are compared without what lines and columns move."""

import pytest

from casework.letters import reading
from casework.letters.rendering import pdf_of
from tests.support.casework.letters import NOW, TITLE, letter


@pytest.mark.parametrize(
    ("one", "other"),
    [("a b", "a\r\nb"), ("Anne-Marie", "Anne\x02Marie"), ("Anne-Marie", "Anne\ufffeMarie"), ("• un", "un"),
     ("e\N{COMBINING ACUTE ACCENT}", "é"), ("1\N{NO-BREAK SPACE}234", "1 234")],
)  # fmt: skip
def test_what_lines_move_is_the_same(one: str, other: str) -> None:
    """Blanks, hyphens at the end of a line, bullets, and both ways to write an accent."""
    assert reading.squeezed(one) == reading.squeezed(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Roy", "Roi"), ("12", "21"), ("Anne-Marie", "AnneMarie"), ("a", "")]
)
def test_what_is_another_text_differs(one: str, other: str) -> None:
    """A letter, an order, a hyphen of a name."""
    assert reading.squeezed(one) != reading.squeezed(other)


def test_a_page_without_its_number_is_found() -> None:
    """Another footer than the one that was asked for."""
    pdf = pdf_of(letter(), TITLE, "Dossier D-1", NOW)
    with pytest.raises(reading.FooterMissing):
        reading.text_of(pdf, "Dossier D-2")
