"""What receiving documents of a list does."""

from datetime import date

import pytest

from casework.checklists.items import Checklist, ChecklistItem
from casework.checklists.rules import DayRules, ItemFormat, PersonKind
from casework.files.states import FileStatus
from casework.mailroom.entries import MailEntry
from casework.mailroom.handlers.checklists import CLOSED, NO_LIST, judged
from casework.mailroom.states import MailKind, MailMove
from foundation.errors import Refusal

SENT = date(2026, 6, 1)


def listed(*titles: str) -> Checklist:
    """A list of these documents."""
    items = [
        ChecklistItem(
            number=number, key=str(number), person=next(iter(PersonKind)), name="", title=title, help="",
            format=next(iter(ItemFormat)), translation=False, give_back=False, address="", asked_on=SENT,
        )
        for number, title in enumerate(titles, 1)
    ]  # fmt: skip
    return Checklist(
        submission=1, programme="demo", version="1", rules="", answers="", sent_at=0, sent_on=SENT,
        days=DayRules(to_send=90, again=30, reminders=()), addresses=(), items=items,
    )  # fmt: skip


def entry(*parts: int, received: date = SENT) -> MailEntry:
    """Documents that came."""
    return MailEntry(kind=MailKind.CHECKLIST, received_on=received, postmarked_on=None, parts=parts)


def test_what_came_and_what_is_awaited_still() -> None:
    """By number and title; the last one begins the examination."""
    of = listed("Passeport", "Diplôme")
    one = judged(of, FileStatus.AWAITING_DOCUMENTS, entry(2))
    assert one.move is MailMove.ACCEPT and one.says == ("Document 2, Diplôme : reçu.", "Encore attendus : 1.")
    both = judged(of, FileStatus.AWAITING_DOCUMENTS, entry(1, 2))
    assert "examen" in both.says[-1]


def test_late_is_flagged_and_received() -> None:
    """Ninety days, whose last is a Sunday, so one more; then a day each."""
    found = judged(listed("Passeport"), FileStatus.AWAITING_DOCUMENTS, entry(1, received=date(2026, 9, 1)))
    assert found.move is MailMove.ACCEPT and found.warns == (
        "Document 1 : 1 jour de retard. Il est reçu et signalé.",
    )


def test_a_number_that_the_list_has_not_is_refused() -> None:
    """The sentence says what the list has; nothing chosen is refused as well."""
    for parts in ((), (3,), (1, 9)):
        with pytest.raises(Refusal) as refused:
            judged(listed("Passeport"), FileStatus.AWAITING_DOCUMENTS, entry(*parts))
        assert "1, Passeport" in refused.value.fields["fields"][0]["reason"]


def test_without_a_list_or_after_the_end_a_person_decides() -> None:
    """Nothing is refused that is in the house."""
    assert judged(None, FileStatus.PAID, entry(1)).warns == (NO_LIST,)
    assert judged(listed("Passeport"), FileStatus.WITHDRAWN, entry(1)).warns == (CLOSED,)
