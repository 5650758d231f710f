"""Receipts: made once, and recognised wherever one is named."""

import pytest

from submission.receipt_numbers import is_receipt, new_receipt, typed_receipt


def test_receipts_do_not_repeat() -> None:
    """A receipt cannot be guessed, and none of ten thousand comes twice."""
    assert len({new_receipt() for _ in range(10_000)}) == 10_000


def test_every_receipt_is_recognised() -> None:
    """Whatever letters it has."""
    assert all(is_receipt(new_receipt()) for _ in range(1_000))


@pytest.mark.parametrize(
    "typed",
    [
        "MPQ-0A1BC-2D3EF-4G5HJ-6K7MN",
        "mpq-0a1bc-2d3ef-4g5hj-6k7mn",
        " MPQ 0A1BC 2D3EF 4G5HJ 6K7MN ",
        "MPQ0A1BC2D3EF4G5HJ6K7MN",
        "MPQ\N{EN DASH}0A1BC\N{NON-BREAKING HYPHEN}2D3EF-4G5HJ-6K7MN\N{ZERO WIDTH SPACE}",
        "MPQ-OAIBC-2D3EF-4G5HJ-6K7MN",
        "mpq-oalbc-2d3ef-4g5hj-6k7mn",
    ],
)
def test_a_receipt_is_recognised_as_people_type_it(typed: str) -> None:
    """In small letters, with other hyphens or none, with letters for the digits that they look like."""
    assert typed_receipt(typed) == "MPQ-0A1BC-2D3EF-4G5HJ-6K7MN"


@pytest.mark.parametrize(
    "typed", ["", "MPQ", "MPQ-0A1BC-2D3EF-4G5HJ-6K7M", "MPQ-0A1BC-2D3EF-4G5HJ-6K7MNX", "x" * 5000]
)
def test_what_cannot_be_one_is_none(typed: str) -> None:
    """Too short, too long, or with a letter that no receipt has."""
    assert typed_receipt(typed) is None
    assert typed_receipt("MPQ-0A1BC-2D3EF-4G5HJ-6K7MU") is None


@pytest.mark.parametrize("change", ["{}\n", " {}", "{}-AAAAA", "{:.22}", "x{}"])
def test_what_is_nearly_one_is_none(change: str) -> None:
    """Neither more nor less than one; nor letters that are not used."""
    assert not is_receipt(change.format(new_receipt()))
    assert not is_receipt(new_receipt()[:-1] + "U")
