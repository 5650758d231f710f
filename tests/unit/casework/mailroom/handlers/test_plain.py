"""What is only kept is accepted, and says so."""

from datetime import date
from typing import Any

from casework.mailroom.entries import MailEntry
from casework.mailroom.handlers.plain import SAYS, judge
from casework.mailroom.states import MailMove


async def test_each_is_accepted_with_its_sentence() -> None:
    """Nothing is read for it."""
    nothing: Any = None
    for kind, words in SAYS.items():
        entry = MailEntry(kind=kind, received_on=date(2026, 11, 30), postmarked_on=None)
        found = await judge(nothing, nothing, entry, nothing, 0)
        assert (found.move, found.says) == (MailMove.ACCEPT, (words,))
