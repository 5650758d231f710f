"""The table of what was run with what: written by the tests that ran, kept for those that did not."""

import re

from tests.support.compat import BEGIN, END, row, with_rows
from tests.support.places import ROOT

DOCUMENT = f"# Title\n\n{BEGIN}\n{END}\n\nend\n"


def test_rows_are_written_in_order_and_kept() -> None:
    """What runs again replaces its own row; the text around stays."""
    first = with_rows(
        DOCUMENT,
        {("b", "x"): row("b", "x", "1", "s", "d", "t"), ("a", "y"): row("a", "y", "1", "s", "d", "t")},
    )
    again = with_rows(first, {("b", "x"): row("b", "x", "2", "s", "d", "t")})
    assert re.findall(r"^\| (\w) \| (\w) \| (\d)", again, re.MULTILINE) == [("a", "y", "1"), ("b", "x", "2")]
    assert again.startswith("# Title\n") and again.endswith("\n\nend\n")


def test_the_document_has_a_place_for_them() -> None:
    """Each row there names a test that exists."""
    text = (ROOT / "docs" / "compatibility.md").read_text("utf-8")
    table = text.partition(BEGIN)[2].partition(END)[0]
    assert END in text
    missing = [path for path in re.findall(r"`(tests/[\w/.]+)`", table) if not (ROOT / path).exists()]
    assert missing == []
