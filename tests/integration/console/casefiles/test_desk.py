"""What the desk offers in a file follows from its status and its rules."""

import pytest

from casework.decisions.states import DecisionOutcome
from console.casefiles.desk import TypedItem, submission_of
from foundation.errors import Refusal
from tests.integration.console.casefiles.conftest import NUMBER, CasefilePlace

_O = DecisionOutcome


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_can_be_decided_is_what_the_status_allows(files: CasefilePlace) -> None:
    """Before the documents are here nobody is accepted or refused; which take two people the programme says."""
    found = await files.place.db.read(lambda conn: files.desk._read(conn, 1))
    assert found.outcomes == [_O.REJECTED, _O.CLOSED]
    assert found.takes_two(_O.REJECTED) and not found.takes_two(_O.CLOSED)
    assert (found.proposed, found.in_force, found.taken) == (None, None, None)


def test_a_number_with_a_wrong_digit_opens_nothing() -> None:
    assert submission_of(NUMBER) == 1
    with pytest.raises(Refusal, match="not_found"):
        submission_of("D-0000001-96")


@pytest.mark.parametrize("text", ["", "13 juin", "2026-02-30", "06/13/2026"])
def test_a_day_is_typed_as_a_day(text: str) -> None:
    with pytest.raises(Refusal, match="invalid"):
        TypedItem(on_day=text).day()
