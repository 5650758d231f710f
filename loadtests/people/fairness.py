"""Was the order kept? Counts over what people saw and what the books say. Pure, O(n log n).

A pair is out of order when somebody was called while somebody with a lower number was present and not called. Who was
away at that moment is not such a pair: they keep their number and are next when they are back (P7).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class SeenCall(NamedTuple):
    """One number and the instant at which the list was taken from which it was called."""

    at: float
    number: int


class Stretch(NamedTuple):
    """From when until when a number was present, or waited; `until` may be infinite."""

    since: float
    until: float
    number: int


class Passing(NamedTuple):
    """Somebody was called while `many` lower numbers were there; `lowest` is the first of them."""

    called: SeenCall
    lowest: int
    many: int


class Ranks:
    """How many numbers of a known set are in, below any of them: a Fenwick tree."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers = sorted(set(numbers))
        self.rank = {number: place for place, number in enumerate(self.numbers, 1)}
        self.sums = [0] * (len(self.numbers) + 1)

    def add(self, number: int, change: int) -> None:
        place = self.rank[number]
        while place < len(self.sums):
            self.sums[place] += change
            place += place & -place

    def below(self, number: int) -> int:
        place, total = self.rank[number] - 1, 0
        while place > 0:
            total += self.sums[place]
            place -= place & -place
        return total

    def lowest(self) -> int:
        """The lowest number that is in; there must be one."""
        place, step = 0, 1 << len(self.sums).bit_length()
        while step:
            if place + step < len(self.sums) and self.sums[place + step] == 0:
                place += step
            step >>= 1
        return self.numbers[place]


def passed(calls: Sequence[SeenCall], stretches: Iterable[Stretch]) -> list[Passing]:
    """Every call that passed over somebody in a stretch of theirs.

    A stretch ends with its number's own call. One that begins in the very instant of a list had not begun for it.
    """
    called_at = {call.number: call.at for call in calls}
    events: list[tuple[float, int, int]] = [(call.at, 1, call.number) for call in calls]
    for since, until, number in stretches:
        end = min(until, called_at.get(number, until))
        if since < end:
            events += [(since, 2, number), (end, 0, number)]
    ranks = Ranks(number for _, _, number in events)
    found = []
    for at, kind, number in sorted(events):
        if kind == 0:
            ranks.add(number, -1)
        elif kind == 2:
            ranks.add(number, 1)
        elif count := ranks.below(number):
            found.append(Passing(SeenCall(at, number), ranks.lowest(), count))
    return found


def inversions(numbers: Sequence[int]) -> int:
    """How many pairs stand the wrong way round: Kendall's distance from the rising order."""
    ranks, wrong = Ranks(numbers), 0
    for already, number in enumerate(numbers):
        wrong += already - ranks.below(number)
        ranks.add(number, 1)
    return wrong


def late_numbers(joins: Sequence[tuple[float, float, int]]) -> list[tuple[int, int]]:
    """Pairs of numbers that break P1: the first was answered before the second was asked for, and is not lower.

    Each join is (asked, answered, number). One pair for each that came later, with the highest before it.
    """
    by_asked, by_answered = sorted(joins), sorted(joins, key=lambda join: join[1])
    wrong, highest, at = [], 0, 0
    for asked, _, number in by_asked:
        while at < len(by_answered) and by_answered[at][1] < asked:
            highest = max(highest, by_answered[at][2])
            at += 1
        if highest >= number:
            wrong.append((highest, number))
    return wrong


def part(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of the ascending values lies; 0 for none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def part_of_counts(counts: dict[int, int], share: float) -> int | None:
    """The same for values that were counted; None for none."""
    total, seen = sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen > share * total:
            return value
    return max(counts, default=None)


class Decile(NamedTuple):
    """A tenth of those called, in the order of their numbers: how long they waited, in seconds."""

    first: int
    last: int
    least: float
    median: float
    most: float


def deciles(waits: Sequence[tuple[int, float]]) -> list[Decile]:
    """(number, seconds waited) of all who were called, in ten parts by number; fewer when there are fewer than ten."""
    ordered = sorted(waits)
    parts = min(10, len(ordered))
    found = []
    for place in range(parts):
        some = ordered[len(ordered) * place // parts : len(ordered) * (place + 1) // parts]
        seconds = sorted(wait for _, wait in some)
        found.append(Decile(some[0][0], some[-1][0], seconds[0], part(seconds, 0.5), seconds[-1]))
    return found
