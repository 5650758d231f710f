"""SQL against the line's memory of it, and what a copy has lost: sound stores agree, and each fault is found."""

from typing import Any

import msgspec
import pytest

from evidence.books import Books, LineBooks
from evidence.promises import Promise
from evidence.recount_stores import calls_lost, stores_agree, submissions_lost
from tests.unit.evidence.sound_books import good_books
from waitingroom.line.restorations import Restoration
from waitingroom.line.setbacks import Recollection


def remembered(gone: tuple[int, ...] = (), **more: Any) -> Books:
    """Sound books beside a line that knows what they know, and this."""
    books = good_books()
    period = books.period
    known = {name: getattr(period, name) for name in ("epoch", "version", "mark", "clock", "accepted")}
    line = LineBooks(known=Recollection(**known | {"seq": period.mark} | more), gone_without_row=list(gone))
    return msgspec.structs.replace(books, line=line)


def broken(books: Books) -> set[Promise]:
    return {one.promise for one in stores_agree(books)}


def test_stores_that_agree_break_nothing() -> None:
    """With the line beside them, without it, and with a line that lags or is of an older epoch."""
    assert broken(good_books()) == set()
    assert broken(remembered()) == set()
    assert broken(remembered(version=0, mark=0, accepted=0, seq=0)) == set()
    assert broken(remembered(epoch=0, seq=10**6, accepted=10**6)) == set()


@pytest.mark.parametrize(
    ("books", "promises"),
    [
        (remembered(version=10**6), {Promise.P7}),
        (remembered(epoch=10**6), {Promise.P7}),
        (remembered(accepted=10**6), {Promise.P3}),
        (remembered(seq=10**6), {Promise.P1}),
        (remembered(gone=(4, 9)), {Promise.P7}),
    ],
)
def test_a_copy_is_found_by_what_it_does_not_know(books: Books, promises: set[Promise]) -> None:
    """The line has seen a later row, more submissions, a higher number, somebody called who has no row."""
    assert broken(books) == promises


def test_what_a_copy_lost_stays_on_the_record() -> None:
    """Receipts that people hold break P3 for good; calls are said: whoever was called waits again."""
    one = Restoration(
        id=1, period="uid", found_at=2_000, known_at=1_000, epoch=2, submissions=0, calls=2, numbers=(4, 9)
    )
    calls = msgspec.structs.replace(good_books(), restorations=[one])
    assert submissions_lost(calls) == []
    assert "numbers 4, 9" in calls_lost(calls)[0].rows[0]
    worse = msgspec.structs.replace(one, submissions=3, acknowledged_by="agnes")
    lost = submissions_lost(msgspec.structs.replace(calls, restorations=[worse]))
    assert lost[0].promise == Promise.P3
    assert "3 submissions" in lost[0].rows[0]
    assert "acknowledged by agnes" in lost[0].rows[0]
