"""Which of two accounts counts."""

import pytest

from submission.near_duplicates.survivor import AccountStanding, survivor

CASES = {
    "only one was accepted": (AccountStanding(1, 10), AccountStanding(2, 20, 300), 2),
    "both were, the earlier counts": (AccountStanding(1, 10, 400), AccountStanding(2, 20, 300), 2),
    "neither was, the older counts": (AccountStanding(2, 10), AccountStanding(1, 20), 2),
    "made at once, the first row counts": (AccountStanding(2, 10), AccountStanding(1, 10), 1),
}


@pytest.mark.parametrize("case", CASES)
def test_the_earliest_accepted_counts(case: str) -> None:
    """Whichever of the two is asked for first."""
    one, other, wanted = CASES[case]
    assert survivor(one, other).account == survivor(other, one).account == wanted
