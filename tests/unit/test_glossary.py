"""The glossary leads to what it names, and says each word once."""

import re
from collections import Counter

from tests.support.places import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| our word", "|---"))
]


def test_each_row_has_three_columns() -> None:
    """Our word, the field's word, and the French or the place."""
    assert {len(row) for row in ROWS} == {3}
    assert all(ours and fields for ours, fields, _ in ROWS)


def test_each_place_is_there() -> None:
    """Every path of the third column exists, as a file, a module or a folder."""
    places = {path for row in ROWS for path in re.findall(r"`([\w./-]+/[\w./-]+|[A-Z]+\.md)`", row[2])}
    assert len(places) > 20
    assert {one for one in places if not ((ROOT / one).exists() or (ROOT / f"{one}.py").exists())} == set()


def test_each_word_has_one_row() -> None:
    """One word, one meaning."""
    counted = Counter(ours for ours, _, _ in ROWS)
    assert {word for word, count in counted.items() if count > 1} == set()
