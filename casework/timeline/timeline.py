"""The timeline of an account: what happened to it, newest first, at any hour and without the room (AC-09, AC-10).

Features say what they know as events; `config/app.py` is given their sources. Nothing here is stored: it is read from
what is recorded anyway.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: when (instant), what in French, more of it, and the page that shows it."""

    at: int
    what: str
    detail: str = ""
    href: str = ""


Source = Callable[[AsyncConnection, int], Awaitable[Sequence[TimelineEvent]]]
"""The events of one feature about the account of this id, in any order."""


async def of_account(conn: AsyncConnection, sources: Sequence[Source], account: int) -> list[TimelineEvent]:
    """Everything that happened to an account, the newest first; what happened at once in the order of the sources."""
    found = [event for source in sources for event in await source(conn, account)]
    return sorted(found, key=lambda event: -event.at)
