"""A batch of questions to one script, repeated for those that reached a mark: it is raised, and only they ask again."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from foundation.errors import Unavailable
from waitingroom.line.store import Join

Reply = TypeVar("Reply", bound=StrEnum)

MOST_ROUNDS = 20
"""Each raise makes room for a batch and more; a batch that needs so many has a line that goes backwards."""


async def answered(
    joins: Sequence[Join],
    ask: Callable[[list[Join]], Awaitable[list[tuple[Reply, int]]]],
    raise_mark: Callable[[int], Awaitable[None]],
    at_mark: Reply,
) -> list[tuple[Reply, int]]:
    """The reply and the number that each join is answered with in the end.

    `at_mark` is the reply of those that reached the mark; `raise_mark` is told how many they are. Raises Unavailable.
    """
    answers: list[tuple[Reply, int]] = await ask(list(joins))
    for _ in range(MOST_ROUNDS):
        again = [i for i, (reply, _) in enumerate(answers) if reply is at_mark]
        if not again:
            return answers
        await raise_mark(len(again))
        replies = await ask([joins[i] for i in again])
        for i, answer in zip(again, replies, strict=True):
            answers[i] = answer
    raise Unavailable("redis")
