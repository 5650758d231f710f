"""What stands outside a quota, beside the books of one of its periods."""

from typing import Any

import msgspec
import pytest

from evidence.books import Books, OutsideRow, SubmissionRow, TokenRow
from evidence.recount_exempt import outside_kept_apart
from tests.unit.evidence.sound_books import a_period

PERIOD = a_period()

GOOD = Books(
    period=PERIOD,
    submissions=[SubmissionRow(1, "R1", 1, 7, 11, "p")],
    outside=[
        OutsideRow("X1", 1, 12, "submitted", "used"), OutsideRow("X2", 2, 11, "removed", "removed")
    ],
    outside_ranks=2,
)  # fmt: skip


def test_a_ledger_that_keeps_apart_is_sound() -> None:
    """A removed one does not stand in the way of a place; an empty ledger says nothing."""
    assert outside_kept_apart(GOOD) == []
    assert outside_kept_apart(Books(period=PERIOD)) == []


@pytest.mark.parametrize(
    ("change", "promise", "words"),
    [
        ({"tokens": [TokenRow(id=1, number=7, state="used", receipt="X1")]}, "P2", "took a token"),
        ({"outside": [OutsideRow("X1", 1, 11, "submitted", "used"), GOOD.outside[1]]}, "P4", "a place of the quota"),
        ({"outside": GOOD.outside[:1]}, "P3", "ranks"), ({"outside_ranks": 3}, "P3", "ranks"),
        ({"outside": [OutsideRow("X1", 1, 12, "submitted", "removed"), GOOD.outside[1]]}, "P3", "its claim"),
        ({"outside": [OutsideRow("X1", 1, 12, "submitted"), GOOD.outside[1]]}, "P3", "its claim"),
    ],
    ids=range(6),
)  # fmt: skip
def test_what_breaks_it_is_found(change: dict[str, Any], promise: str, words: str) -> None:
    """Each with the row that shows it."""
    (broken,) = outside_kept_apart(msgspec.structs.replace(GOOD, **change))
    assert broken.promise == promise and words in broken.sentence and broken.rows
