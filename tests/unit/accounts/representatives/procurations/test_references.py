"""References of procurations: what people type leads to the right one or to none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.representatives.procurations.references import (
    LETTERS,
    PATTERN,
    new_reference,
    typed_reference,
)


def test_a_new_one_is_recognised_and_no_two_are_alike() -> None:
    """45 random bits: a thousand of them differ."""
    made = {new_reference() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(re.fullmatch(PATTERN, one) and typed_reference(one) == one for one in made)


@pytest.mark.parametrize(
    "spelt",
    [str.lower, lambda text: text.replace("-", ""), lambda text: text.replace("-", " "),
     lambda text: f"  {text} ", lambda text: text.replace("0", "O").replace("1", "l")],
    ids=["small", "run together", "spaced", "padded", "misread"],
)  # fmt: skip
def test_it_may_be_typed_in_several_ways(spelt: object) -> None:
    """Case, hyphens, spaces, O and L for the digits that they look like."""
    assert callable(spelt)
    for _ in range(50):
        reference = new_reference()
        assert typed_reference(spelt(reference)) == reference


@given(st.integers(0, 9), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_no_other_reference(at: int, letter: str) -> None:
    """A letter that was misread leads to nobody's file."""
    reference = new_reference()
    letters = reference[3:].replace("-", "")
    wrong = f"PR{letters[:at]}{letter}{letters[at + 1 :]}"
    assert typed_reference(wrong) == (reference if letters[at] == letter else None)


def test_two_letters_that_changed_places_are_no_other_reference() -> None:
    """But where they differ by sixteen places in the alphabet, which is said."""
    for _ in range(200):
        letters = new_reference()[3:].replace("-", "")
        one, other = letters[3], letters[4]
        swapped = f"PR{letters[:3]}{other}{one}{letters[5:]}"
        apart = (LETTERS.index(one) - LETTERS.index(other)) % 32
        assert (typed_reference(swapped) is None) is (apart not in {0, 16})


@pytest.mark.parametrize(
    "text", ["", "PR", "PR-AAAAA", "MPQ-00000-00000", "PR-00000-0000U", "é" * 12, "\0" * 12]
)
def test_what_cannot_be_one_is_none(text: str) -> None:
    """Whatever is typed."""
    assert typed_reference(text) is None
