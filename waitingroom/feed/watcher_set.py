"""The sockets of one period: in the order of their numbers, and who of them has to be looked at in a turn.

Most of them hear nothing in most turns, so what each turn does for everybody is a few operations on bitmaps; only who
is due, or may have news, is looked at one by one.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from waitingroom.feed.position_frames import FAR_SECONDS, MIDDLE_SECONDS
from waitingroom.feed.watcher import Watcher
from waitingroom.line.snapshot import Snapshot, bitmap, has, members, union, without

NUMBER: Final = attrgetter("number")


News = tuple[bool, str | None]
"""What changes for everybody at once: whether calls stand still, and the notice."""


class WatcherSet:
    """`fresh` are those of whom it is not sure that they know what all others know, because they came since; `called`
    are those with a row in SQL."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._sorted: list[Watcher] | None = []
        self._numbers: list[int] = []
        self._bits = b""
        self._news: News | None = None
        self.fresh: set[Watcher] = set()
        self.called: set[Watcher] = set()

    def add(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)
        self.fresh.add(watcher)
        self._sorted = None

    def discard(self, watcher: Watcher) -> None:
        for some in (self._watchers, self.fresh, self.called):
            some.discard(watcher)
        self._sorted = None

    def knows(self, news: News) -> bool:
        """Whether everybody but the `fresh` was told this of their period."""
        return self._news == news

    def was_told(self, news: News) -> None:
        self._news = news

    def in_order(self) -> list[Watcher]:
        if self._sorted is None:
            self._sorted = sorted(self._watchers, key=NUMBER)
            self._numbers = list(map(NUMBER, self._sorted))
            self._bits = bitmap(self._numbers)
        return self._sorted

    def numbers(self) -> list[int]:
        """Theirs, ascending; one that has several sockets comes as often."""
        self.in_order()
        return self._numbers

    def uncalled(self) -> bytes:
        """The bitmap of the numbers that have no row: whom these sockets keep present."""
        self.in_order()
        return without(self._bits, bitmap(map(NUMBER, self.called))) if self.called else self._bits

    def of(self, number: int) -> Iterator[Watcher]:
        """The sockets of this number."""
        watchers = self.in_order()
        at = bisect_left(self._numbers, number)
        while at < len(watchers) and self._numbers[at] == number:
            yield watchers[at]
            at += 1

    def sort_out(self, snapshot: Snapshot | None) -> tuple[set[Watcher], list[Watcher]]:
        """Those whom SQL must be asked about, and those whose place the line has lost. No I/O."""
        rows, lost = set(self.called), list[Watcher]()
        if snapshot is not None:
            self.in_order()
            for number in strangers(self._bits, snapshot):
                if has(snapshot.gone, number):
                    rows.update(self.of(number))
                else:
                    lost.extend(watcher for watcher in self.of(number) if watcher.token is None)
        return rows, lost

    def due(self, snapshot: Snapshot, near: int, far: int, turn: int) -> list[Watcher]:
        """Whom this turn (a second) brings a position, in the order of their numbers. No I/O.

        `near` and `far` are the bands, in people ahead; a tab that nobody sees is far wherever it stands. By number,
        so that those of one band come evenly over the turns.
        """
        watchers, numbers = self.in_order(), self.numbers()
        close = bisect_left(numbers, near, key=snapshot.ahead)
        distant = bisect_left(numbers, far, close, key=snapshot.ahead)
        near_ones = zip(watchers[:close], numbers, strict=False)
        found = [one for one, number in near_ones if not one.hidden or not (turn + number) % FAR_SECONDS]
        found += [
            one
            for one, number in zip(watchers[close:distant], numbers[close:distant], strict=True)
            if not (turn + number) % (FAR_SECONDS if one.hidden else MIDDLE_SECONDS)
        ]
        found += [one for one in watchers[distant:] if not (turn + one.number) % FAR_SECONDS]
        return found

    def __len__(self) -> int:
        return len(self._watchers)

    def __iter__(self) -> Iterator[Watcher]:
        return iter(self._watchers)


def strangers(watched: bytes, snapshot: Snapshot) -> Iterable[int]:
    """The numbers of this bitmap that do not wait by this look: gone, or lost. One after the last that the look knows
    joined after it, and waits unless it is gone."""
    seq, gone = snapshot.seq, snapshot.gone
    for number in members(without(watched, union((snapshot.front, snapshot.parked)))):
        if number <= seq or has(gone, number):
            yield number


def in_numbers(watchers: Iterable[Watcher]) -> Sequence[Watcher]:
    """These in the order of their numbers."""
    return sorted(watchers, key=NUMBER)
