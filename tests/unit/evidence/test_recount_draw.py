"""P1 in mode draw, recounted from books: right ones hold, and whatever is spoiled is found."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from evidence.books import Books, CallRow, JournalRow, TokenRow
from evidence.recount import recount
from evidence.recount_draw import drawn_order
from quota.draw_order import commitment, order
from tests.integration.waitingroom.draw.test_entries import SEED, VALUE
from tests.unit.evidence.sound_books import T0, a_period

NUMBERS = order(SEED, "demo", 6, VALUE)


def good_books() -> Books:
    """Six entered, one of them restored; all were drawn, one joined later; the first two are called."""
    tokens = [
        TokenRow(
            id=n, number=n, state="live", call=1, called_at=T0, called_clock=0, ends=600_000, jti=f"j{n}"
        )
        for n in (1, 2)
    ]
    return Books(
        period=a_period(
            epoch=1, held=2, accepted=0, mark=106, mode="draw", entries_from=T0 - 1000, value_is="Lotto",
            commitment=commitment(SEED), entry_mark=100, entries=6, public_value=VALUE, seed=SEED, drawn_at=T0,
        ),
        entries=[
            JournalRow(1, T0 - 900, 0, "entry", 1, 4),
            JournalRow(1, T0 - 800, 0, "reentry", 2, 2),
            JournalRow(1, T0 - 700, 0, "entry", 5, 6),
            JournalRow(1, T0 - 10, 0, "drawn", 1, 6),
            JournalRow(1, T0 + 10, 0, "join", 7, 7),
        ],
        tokens=tokens,
        calls=[CallRow(id=1, epoch=1, clock=0, listed_at=T0)],
    )  # fmt: skip


def test_right_books_hold() -> None:
    """The twin of all below."""
    assert recount(good_books()) == []


def period_with(**changes: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, period=replace(books.period, **changes))


def entry_with(at: int, **changes: Any) -> Callable[[Books], Books]:
    def change(books: Books) -> Books:
        entries = list(books.entries)
        entries[at] = replace(entries[at], **changes)
        return replace(books, entries=entries)

    return change


def number_with(number: int) -> Callable[[Books], Books]:
    """The second who was called has another number in the row."""
    return lambda books: replace(books, tokens=[books.tokens[0], replace(books.tokens[1], number=number)])


SPOILED: dict[str, tuple[Callable[[Books], Books], str]] = {
    "another seed": (period_with(seed="ab" * 32), "not the one that was committed to"),
    "another commitment": (period_with(commitment="ab" * 32), "not the one that was committed to"),
    "no seed": (period_with(seed=None), "before it was drawn"),
    "an entry not counted": (period_with(entries=5), "not among the 5"),
    "a lower mark": (period_with(entry_mark=5), "above the mark of 5"),
    "entries twice": (entry_with(2, first=4), "given twice"),
    "a join among the entries": (entry_with(4, first=6, last=6), "among those of the entries"),
    "a number of nobody": (entry_with(2, first=5, last=5), "that no entry drew"),
    "in order of arrival": (period_with(mode="fifo"), "draws nothing"),
}


@pytest.mark.parametrize("what", list(SPOILED))
def test_whatever_is_spoiled_is_found(what: str) -> None:
    """One thing is wrong, and P1 is said to be broken, with that."""
    spoil, said = SPOILED[what]
    broken = recount(spoil(good_books()))
    assert any(one.promise == "P1" and said in one.sentence and one.rows for one in broken), broken


def test_one_altered_number_is_found() -> None:
    """Somebody wrote themselves a better number, or another one: whoever had it was passed (P7), or nobody drew it."""
    for number in (3, 6, 7):
        broken = recount(number_with(number)(good_books()))
        assert [one.promise for one in broken] == ["P7"], number
    missing = replace(
        good_books(), entries=[e for e in good_books().entries if e.kind != "entry" or e.first > 1]
    )
    assert any("no entry drew" in one.sentence for one in drawn_order(missing))


def test_after_a_loss_the_journal_may_lack_entries() -> None:
    """In a later epoch a number whose entry the lost journal had is not held against anybody."""
    lost = replace(good_books(), entries=good_books().entries[2:])
    assert drawn_order(lost) != []
    assert drawn_order(period_with(epoch=2)(lost)) == []
