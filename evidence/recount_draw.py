"""P1 in mode draw, recounted from the books of one period: the order is the one that was committed to. Pure."""

from itertools import pairwise

from evidence.books import Books, BrokenPromise, JournalRow, found
from evidence.promises import Promise
from quota import draw_order
from quota.draw import published
from waitingroom.line.states import JournalKind


class UnverifiableDraw(RuntimeError):
    """Nothing can be recomputed: the period draws nothing, or the file is no published draw. The text is a sentence."""


def drawn_order(books: Books) -> list[BrokenPromise]:
    """P1: entries are given once; all are counted; the seed is the one committed to; numbers up to theirs are entries'.

    In the first epoch the journal has every entry, so that a number without an entry is seen; after a loss of Redis
    it may lack some that people held, and their numbers came back with their tickets.
    """
    draw = published(books.period)
    given = sorted((e for e in books.entries if e.kind == JournalKind.ENTRY), key=lambda e: e.first)
    if draw is None:
        return found(Promise.P1, "entries were given in a period that draws nothing", given)
    count = draw.entries
    broken = _entries_given_once(books, given, count)
    if draw.seed is None or count is None or draw.value is None:
        called = [token for token in books.tokens if token.call is not None]
        drawn = [e for e in books.entries if e.kind == JournalKind.DRAWN]
        return broken + found(Promise.P1, "the order was used before it was drawn", [*called, *drawn])
    wrong = draw_order.broken(draw)
    if wrong:
        return broken + found(Promise.P1, "the draw is not the one that was committed to", wrong)
    return broken + _numbers_without_entry(books, draw_order.order(draw.seed, draw.period, count, draw.value))


def _entries_given_once(books: Books, given: list[JournalRow], count: int | None) -> list[BrokenPromise]:
    """Entries are given once, within the mark, and all of them are among the `count` that were counted."""
    broken = [
        *found(
            Promise.P1,
            "entries were given twice",
            [f"{a} and {b}" for a, b in pairwise(given) if b.first <= a.last],
        ),
        *found(
            Promise.P1,
            f"entries above the mark of {books.period.entry_mark} were given",
            [e for e in given if e.last > books.period.entry_mark],
        ),
    ]
    if count is not None:
        broken += found(
            Promise.P1,
            f"an entry is not among the {count} that were counted",
            [e for e in given if e.last > count],
        )
        broken += found(
            Promise.P1,
            "a later join has a number among those of the entries",
            [e for e in books.entries if e.kind == JournalKind.JOIN and e.first <= count],
        )
    return broken


def _numbers_without_entry(books: Books, numbers: draw_order.Numbers) -> list[BrokenPromise]:
    """Numbers that were in the line and that no entry of the journal drew."""
    if books.period.epoch > 1:
        return []
    entries = [e for e in books.entries if e.kind in (JournalKind.ENTRY, JournalKind.REENTRY)]
    drawn = {numbers[n] for e in entries for n in range(e.first, min(e.last, len(numbers) - 1) + 1)}
    seen = [
        (e, range(e.first, min(e.last, len(numbers) - 1) + 1))
        for e in books.entries
        if e.kind in (JournalKind.DRAWN, JournalKind.RESTORE)
    ]
    seen_tokens = [
        token for token in books.tokens if token.number < len(numbers) and token.number not in drawn
    ]
    rows = [f"{e}: {n}" for e, span in seen for n in span if n not in drawn]
    return found(Promise.P1, "a number was in the line that no entry drew", [*rows, *seen_tokens])
