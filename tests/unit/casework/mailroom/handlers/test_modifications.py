"""Thirty days from the change; late is flagged, never refused (PM-04)."""

from datetime import date

import pytest

from casework.files.states import FileStatus
from casework.mailroom.entries import MailEntry
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.modifications import due_on, judged, over
from casework.mailroom.states import MailKind, MailMove
from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay


@pytest.mark.parametrize(
    ("received", "late"), [("2026-06-03", None), ("2026-06-04", "1"), ("2026-06-14", "11")]
)
def test_late_is_flagged_and_accepted(received: str, late: str | None) -> None:
    """The last day counts."""
    changed = date(2026, 5, 4)
    entry = MailEntry(
        kind=MailKind.PAPER_MODIFICATION,
        received_on=date.fromisoformat(received),
        postmarked_on=None,
        changed_on=changed,
    )
    found = judged(entry, due_on(changed))
    assert found.move is MailMove.ACCEPT and found.facts.get("late_days") == late
    assert bool(found.warns) == (late is not None)


def test_of_a_file_that_has_ended_a_person_decides() -> None:
    """Nobody is told that a change is made which no agent can make."""
    found = over(FileAtHand(account=1, name="Neo", status=FileStatus.WITHDRAWN))
    assert (found.move, found.says) == (None, ())
    assert found.warns[0].startswith("Cette demande ne se modifie plus (retirée à votre demande)")


def test_a_last_day_on_a_closed_day_is_the_next_business_day() -> None:
    """The end of the year is holidays and a weekend, one holiday of which is given on the Monday."""
    assert due_on(date(2026, 12, 1)) == date(2027, 1, 5)


def test_a_proclaimed_day_counts_here_too() -> None:
    """One calendar for all last days (P13)."""
    day = ProclaimedDay(date(2027, 1, 5), "un deuil national")
    assert due_on(date(2026, 12, 1), PUBLIC_SERVICE.having(day)) == date(2027, 1, 6)
