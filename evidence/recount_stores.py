"""Whether the stores still tell of the same day: SQL against the line's memory of it, and what a copy has lost. Pure.

A backup of SQL that was restored is sound in itself: every other check holds on it. Only what is outside shows that it
is old: the line (where it can be asked), and the record that the service makes when it finds out.
"""

from evidence.books import Books, BrokenPromise, found
from evidence.promises import Promise
from foundation.clock import rfc3339
from waitingroom.line.restorations import Restoration
from waitingroom.line.setbacks import is_behind


def stores_agree(books: Books) -> list[BrokenPromise]:
    """P1, P3, P7: SQL knows all that the line has seen of it: mark, counts, and a row of everybody who is gone."""
    if books.line is None:
        return []
    period, known = books.period, books.line.known
    figures = (
        f"SQL: epoch {period.epoch}, version {period.version}, mark {period.mark}, accepted {period.accepted}; "
        f"the line: epoch {known.epoch}, version {known.version}, mark {known.mark}, accepted {known.accepted}, "
        f"last number {known.seq}"
    )
    broken = []
    if known.epoch >= period.epoch and known.seq > period.mark:
        broken.append(
            BrokenPromise(Promise.P1, "numbers above the mark were given: they may come again", [figures])
        )
    if is_behind(period, known):
        lost = known.accepted > period.accepted
        sentence = "SQL came back from a copy, and no epoch has begun since"
        broken.append(BrokenPromise(Promise.P3 if lost else Promise.P7, sentence, [figures]))
    sentence = "numbers are gone from the line and have no row: nobody would call them"
    return [*broken, *found(Promise.P7, sentence, books.line.gone_without_row)]


def submissions_lost(books: Books) -> list[BrokenPromise]:
    """P3: a copy lacks submissions that people hold receipts of. That stays so, whoever knows of it."""
    lost = [told(one) for one in books.restorations if one.submissions]
    return found(Promise.P3, "SQL came back from a copy without submissions that were accepted since", lost)


def calls_lost(books: Books) -> list[BrokenPromise]:
    """P7, to be looked at: people who had been called or had left when the copy did not know it yet, and wait again."""
    lost = [told(one) for one in books.restorations if not one.submissions]
    return found(Promise.P7, "SQL came back from a copy; whoever was called since waits again", lost)


def told(one: Restoration) -> str:
    numbers = ", ".join(map(str, one.numbers[:20])) + (" and others" if len(one.numbers) > 20 else "")
    return (
        f"found {rfc3339(one.found_at)}, copy of {rfc3339(one.known_at)}, epoch {one.epoch}: "
        f"{one.submissions} submissions, {one.calls} calls and leaves{f' (numbers {numbers})' if numbers else ''}"
        f"{f'; acknowledged by {one.acknowledged_by}' if one.acknowledged_by else ''}"
    )
