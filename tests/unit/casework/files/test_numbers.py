"""Numbers of files: every mistake of one hand is found out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.files.numbers import file_number, typed_submission

NUMBERS = st.integers(1, 10**9)


@given(NUMBERS)
def test_a_number_is_read_back_however_it_is_typed(submission: int) -> None:
    text = file_number(submission)
    for typed in (text, text.lower(), text.replace("-", " "), text.replace("-", ""), text.removeprefix("D-")):
        assert typed_submission(typed) == submission


@given(NUMBERS, st.data())
def test_one_wrong_digit_or_two_exchanged_are_no_number(submission: int, data: st.DataObject) -> None:
    digits = list(file_number(submission).removeprefix("D-").replace("-", ""))
    at = data.draw(st.integers(0, len(digits) - 1))
    wrong = digits.copy()
    wrong[at] = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[at]]))
    assert typed_submission("".join(wrong)) is None
    if at and digits[at] != digits[at - 1]:
        swapped = digits.copy()
        swapped[at - 1 : at + 1] = digits[at], digits[at - 1]
        assert typed_submission("".join(swapped)) is None


@given(NUMBERS)
def test_the_neighbours_number_has_other_check_digits(submission: int) -> None:
    assert file_number(submission)[-2:] != file_number(submission + 1)[-2:]


@pytest.mark.parametrize(
    "text", ["", "D", "D-123", "D-0000123-00", "MPQ-7K2QX", "D-" + "9" * 40, "D-0000123-4\0"]
)
def test_anything_else_is_no_number(text: str) -> None:
    assert typed_submission(text) is None
