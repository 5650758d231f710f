"""Words of the agents' desk: which check goes with which contact."""

import pytest

from console.agents.states import (
    METHODS,
    PURPOSES,
    RESULTS,
    IdentityMethod,
    IdentityResult,
    OpeningPurpose,
    fits,
)

GOOD = {
    OpeningPurpose.TELEPHONE: {IdentityMethod.ANSWERS, IdentityMethod.MANDATARY},
    OpeningPurpose.COUNTER: {IdentityMethod.ANSWERS, IdentityMethod.DOCUMENT, IdentityMethod.MANDATARY},
    OpeningPurpose.LETTER: {IdentityMethod.ANSWERS, IdentityMethod.DOCUMENT, IdentityMethod.MANDATARY},
    OpeningPurpose.WORK: {IdentityMethod.NONE},
}


@pytest.mark.parametrize("purpose", OpeningPurpose, ids=str)
def test_with_a_person_there_is_always_a_check(purpose: OpeningPurpose) -> None:
    """And without one there is none; nobody shows a document over the telephone."""
    assert {method for method in IdentityMethod if fits(purpose, method)} == GOOD[purpose]


def test_every_word_has_its_french() -> None:
    """Each is chosen or read on a page."""
    assert (set(PURPOSES), set(METHODS), set(RESULTS)) == (
        set(OpeningPurpose), set(IdentityMethod), set(IdentityResult)
    )  # fmt: skip
