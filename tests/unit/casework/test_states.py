"""The words of casework."""

import pytest

from casework.states import DRAFTS, DraftStanding, draft_standing


@pytest.mark.parametrize(
    ("missing", "is_expired", "standing"),
    [
        (0, False, DraftStanding.COMPLETE),
        (1, False, DraftStanding.INCOMPLETE),
        (0, True, DraftStanding.EXPIRED),
        (3, True, DraftStanding.EXPIRED),
    ],
)
def test_a_draft_stands_as_it_is_and_expired_says_it_all(
    missing: int, is_expired: bool, standing: DraftStanding
) -> None:
    """What is missing of a draft that is no longer good does not matter."""
    assert draft_standing(missing, is_expired) is standing


def test_every_standing_has_its_french() -> None:
    """What a person reads is there for each."""
    assert set(DRAFTS) == set(DraftStanding)
