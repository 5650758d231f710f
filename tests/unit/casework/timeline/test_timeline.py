"""The timeline: what happened, newest first, from any number of sources."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.timeline.timeline import Source, TimelineEvent, of_account


def source(*events: tuple[int, str]) -> Source:
    """A source that knows these events, whoever asks."""

    async def read(_conn: AsyncConnection, _account: int) -> Sequence[TimelineEvent]:
        return [TimelineEvent(at=at, what=what) for at, what in events]

    return read


async def test_the_newest_stands_first_whatever_the_source() -> None:
    """What happened at once keeps the order of the sources, so no page changes from one look to the next."""
    some = source((1, "compte"), (5, "document")), source((5, "statut"), (3, "brouillon"))
    found = await of_account(cast(AsyncConnection, None), some, 7)
    assert [event.what for event in found] == ["document", "statut", "brouillon", "compte"]
