"""What every kind of item has to answer: what it triggers, how that is done, and how it is taken back."""

from collections.abc import Awaitable, Callable

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry
from casework.mailroom.finding import FileAtHand
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState
from foundation.audit import Actor


class MailAct(msgspec.Struct, frozen=True, kw_only=True):
    """An item and its file in the moment of an act. `key` is the item's own, which never changes; `now` an instant."""

    entry: MailEntry
    of: FileAtHand
    key: str
    by: Actor
    now: int


Judge = Callable[[AsyncConnection, MailroomServices, MailEntry, FileAtHand, int], Awaitable[Judgement]]
"""What an item triggers now: reads, and decides by a pure function. Writes nothing."""

Do = Callable[[AsyncConnection, MailroomServices, MailAct, Judgement], Awaitable[None]]
"""Does what was judged, in the transaction of the entry."""

TakeBack = Callable[[AsyncConnection, MailroomServices, MailAct, str], Awaitable[None]]
"""Takes back what an accepted item has triggered, with staff's reason. Refusals of whatever it calls."""


class MailHandler(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind is handled. `taking_back` is the sentence by which an undoing announces what it does,
    `takes_back_from` the states in which there is something to take back. `judge_again` judges as if the item had not
    been entered yet; None where that is the same."""

    judge: Judge
    do: Do
    take_back: TakeBack
    taking_back: str
    judge_again: Judge | None = None
    takes_back_from: frozenset[MailItemState] = frozenset({MailItemState.ACCEPTED})


async def do_nothing(
    conn: AsyncConnection, services: MailroomServices, act: MailAct, judged: Judgement
) -> None:
    """Of kinds that trigger nothing beside their own line."""


async def take_nothing_back(
    conn: AsyncConnection, services: MailroomServices, act: MailAct, reason: str
) -> None:
    """Of kinds that have triggered nothing."""
