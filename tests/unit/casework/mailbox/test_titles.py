"""The title of a message is one line."""

import pytest

from casework.mailbox.titles import LONGEST, checked


@pytest.mark.parametrize("title", ["Votre dossier est ouvert", "É" * LONGEST, "<b>« 5 < 6 »</b>"])
def test_a_line_is_taken_as_it_is(title: str) -> None:
    """Markup is text like any other: whoever shows it escapes it."""
    assert checked(title) == title


@pytest.mark.parametrize(
    "title",
    [
        "",
        "   ",
        "un\ndeux",
        "un\rBcc: a@b.example",
        "a\x00b",
        "a\u2028b",
        "x" * (LONGEST + 1),
        "abc\u202ecba",
        "\u200fabc",
    ],
)  # fmt: skip
def test_what_is_no_line_is_refused(title: str) -> None:
    """Line ends, controls, marks that turn the text around, nothing, and too much."""
    with pytest.raises(ValueError, match="one line"):
        checked(title)
