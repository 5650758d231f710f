"""The words of a submission: each has its French, and a form's text is one of them or none."""

import pytest

from submission import states
from submission.states import Capacity, SubmissionStatus


def test_every_word_has_its_french() -> None:
    """What a person reads is there for each status and each capacity."""
    assert set(states.STATUSES) == set(SubmissionStatus)
    assert set(states.CAPACITIES) == set(Capacity)


@pytest.mark.parametrize(
    ("text", "capacity"),
    [("candidate", Capacity.CANDIDATE), ("lawyer", Capacity.LAWYER), ("", None), ("Lawyer", None), ("notary", None)],
)  # fmt: skip
def test_who_signs_is_one_of_two(text: str, capacity: Capacity | None) -> None:
    """Any other text signs nothing (SW-03)."""
    assert states.capacity_of(text) == capacity


@pytest.mark.parametrize(
    ("declared", "capacity", "missing"),
    [
        (True, Capacity.CANDIDATE, []),
        (False, Capacity.LAWYER, ["declaration"]),
        (True, None, ["candidate"]),
        (False, None, ["candidate", "declaration"]),
    ],
)
def test_what_a_signature_lacks_is_named(
    declared: bool, capacity: Capacity | None, missing: list[str]
) -> None:
    """By field, in the page's order."""
    assert list(states.unsigned(declared, capacity)) == missing
