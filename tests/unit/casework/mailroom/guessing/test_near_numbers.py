"""Which files a wrong number may stand for."""

import pytest

from casework.files.numbers import file_number, typed_submission
from casework.mailroom.guessing.near_numbers import near


@pytest.mark.parametrize(("typed", "slip"), [
    ("D-0000132-20", "exchanged"), ("D-0000124-20", "digit"), ("D-000123-20", "digit"), ("D-00001234-20", "digit"),
    ("D-00001?3-20", "illegible"), ("0000?2?-20", "illegible"), ("0000123", "unchecked"), ("D-OOOO1Z3-20", "digit"),
])  # fmt: skip
def test_one_slip_away(typed: str, slip: str) -> None:
    """File 123 is among a few, with how its number differs."""
    assert file_number(123) == "D-0000123-20" and typed_submission(typed) is None
    found = near(typed)
    assert found[123] == slip and len(found) < 12


@pytest.mark.parametrize("typed", ["", "D", "???????-??", "Anne Roy", "9" * 40, "²?²"])
def test_what_says_nothing_names_nobody(typed: str) -> None:
    """No number, too much that is illegible, far too long."""
    assert near(typed) == {}
