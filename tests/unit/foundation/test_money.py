"""Amounts, as they are read and typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.money import MOST_CENTS, dollars, typed_amount


@given(st.integers(0, MOST_CENTS))
def test_what_is_shown_can_be_typed(cents: int) -> None:
    assert typed_amount(dollars(cents)) == cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("812", 81_200), ("812,00", 81_200), ("812.50", 81_250), (" 1 234,56 $", 123_456), ("1234", 123_400),
        ("0,05", 5), ("1 234", 123_400), ("1\u00a0234,00\u00a0$", 123_400),
    ],
)  # fmt: skip
def test_amounts_are_read(text: str, cents: int) -> None:
    assert typed_amount(text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$",
        "-5",
        "−5",
        "5,0",
        "1,234",
        "1.234",
        "1,234.56",
        "12 34",
        "5 EUR",
        "5€",
        "US$5",
        "1e3",
        "٣",
        "9" * 30,
    ],
)
def test_anything_else_is_no_amount(text: str) -> None:
    assert typed_amount(text) is None


def test_what_goes_out_has_its_sign() -> None:
    assert dollars(-81_200) == "−812,00\u00a0$"
