"""A batch is repeated for those that reached the mark, and for nobody else."""

import pytest

from foundation.errors import Unavailable
from waitingroom.line.batches import MOST_ROUNDS, answered
from waitingroom.line.replies import JoinReply
from waitingroom.line.store import Join

JOINS = [Join((name,)) for name in "abcde"]


class Marked:
    """A line that gives numbers up to a mark, which goes up by `step`."""

    def __init__(self, mark: int, step: int) -> None:
        self.mark, self.step, self.seq = mark, step, 0
        self.asked: list[int] = []
        self.raised: list[int] = []

    async def ask(self, joins: list[Join]) -> list[tuple[JoinReply, int]]:
        self.asked.append(len(joins))
        given: list[tuple[JoinReply, int]] = []
        for _ in joins:
            if self.seq < self.mark:
                self.seq += 1
                given.append((JoinReply.NEW, self.seq))
            else:
                given.append((JoinReply.RAISE, 0))
        return given

    async def raise_mark(self, waiting: int) -> None:
        self.raised.append(waiting)
        self.mark += self.step


async def test_only_those_at_the_mark_ask_again_and_everybody_keeps_their_order() -> None:
    """Two get a number at once, the others two by two; nobody who has one asks a second time."""
    line = Marked(2, 2)
    given = await answered(JOINS, line.ask, line.raise_mark, JoinReply.RAISE)
    assert given == [(JoinReply.NEW, number) for number in (1, 2, 3, 4, 5)]
    assert (line.asked, line.raised) == ([5, 3, 1], [3, 1])


async def test_below_the_mark_there_is_one_question() -> None:
    """The common case costs nothing more."""
    line = Marked(100, 0)
    await answered(JOINS, line.ask, line.raise_mark, JoinReply.RAISE)
    assert (line.asked, line.raised) == ([5], [])


async def test_a_mark_that_does_not_go_up_is_an_outage() -> None:
    """The line goes backwards: they are told to come back, and are not asked about for ever."""
    line = Marked(0, 0)
    with pytest.raises(Unavailable):
        await answered(JOINS, line.ask, line.raise_mark, JoinReply.RAISE)
    assert len(line.raised) == MOST_ROUNDS
