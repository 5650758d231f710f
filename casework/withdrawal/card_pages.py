"""The page of the provider on which a card was being charged when the application was taken back: it is closed.

Money that came all the same is in the file once the provider says so, and a person gives it back.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.card.port import ProviderAway
from foundation.errors import Unavailable
from foundation.outbox import OutsideEffect, OutsideOutcome
from foundation.sql.database import Database
from foundation.subjects import Subject

AWAY_AGAIN_MS: Final = 60_000
"""A provider that is away is asked again after so long."""

AskProvider = Callable[[Database, int], Awaitable[bool]]
"""Closes what is open of a file and asks once more (`card/asking.py`). Raises ProviderAway, Unavailable."""


def closing(ask: AskProvider, within_ms: int) -> OutsideEffect:
    """The task. What is still under way afterwards, its own task follows."""

    async def call(db: Database, subject: Subject, now: int) -> OutsideOutcome:
        try:
            await ask(db, subject.number)
        except (ProviderAway, Unavailable):
            return OutsideOutcome(_nothing, again_at=now + AWAY_AGAIN_MS)
        return OutsideOutcome(_nothing)

    return OutsideEffect(call, within_ms)


async def _nothing(_conn: AsyncConnection, _subject: Subject, _now: int) -> None:
    """What there was to write is written."""
