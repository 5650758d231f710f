"""What a submission is made of, without a store."""

from submission.submit import new_receipt


def test_receipts_do_not_repeat() -> None:
    """A receipt cannot be guessed, and none of ten thousand comes twice."""
    assert len({new_receipt() for _ in range(10_000)}) == 10_000
