"""Receipts: made once, and recognised wherever one is named."""

import pytest

from submission.receipt_numbers import is_receipt, new_receipt


def test_receipts_do_not_repeat() -> None:
    """A receipt cannot be guessed, and none of ten thousand comes twice."""
    assert len({new_receipt() for _ in range(10_000)}) == 10_000


def test_every_receipt_is_recognised() -> None:
    """Whatever letters it has."""
    assert all(is_receipt(new_receipt()) for _ in range(1_000))


@pytest.mark.parametrize("change", ["{}\n", " {}", "{}-AAAAA", "{:.22}", "x{}"])
def test_what_is_nearly_one_is_none(change: str) -> None:
    """Neither more nor less than one; nor letters that are not used."""
    assert not is_receipt(change.format(new_receipt()))
    assert not is_receipt(new_receipt()[:-1] + "U")
