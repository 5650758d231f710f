"""A subject is a kind and a key, whatever table it is in."""

import pytest

from foundation.subjects import Subject


def test_a_row_is_named_by_its_kind_and_number() -> None:
    """As text in every table that speaks of it."""
    subject = Subject.row("submission", 17)
    assert (str(subject), subject.id, subject.number) == ("submission:17", "17", 17)


def test_a_key_that_is_no_number_is_no_row() -> None:
    """A period is named by its uid."""
    with pytest.raises(ValueError, match="invalid literal"):
        _ = Subject("period", "a1b2").number
