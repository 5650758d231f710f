"""Who waits no longer: where a process is behind, a request whose client has gone is not begun.

A queue of seconds would feed itself otherwise: clients give up, close and ask again, each time at the end of it, and a
process that answers in order answers those alone who have gone. Then nobody is served any more, however long it lasts.
"""

import asyncio
import math
import select
import time
from typing import Final
from weakref import WeakKeyDictionary

from uvicorn.server import ServerState

BEHIND_SECONDS: Final = 0.25
"""So late a tick is, of those that come each tenth of a second, where more has come than a process can answer."""

GONE: Final = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR
"""The other side has ended the connection. Linux tells of one that it has half closed, too."""


REMEMBERED_SECONDS: Final = 5.0
"""What waits to be read when a tick is late is read after it."""


class TickPace:
    """How late this process's ticks are, by the steady clock. Before the first it is not behind."""

    def __init__(self) -> None:
        self._ticked, self._until = math.inf, -math.inf

    def tick(self) -> None:
        """To be called ten times a second."""
        now = time.monotonic()
        if now - self._ticked > BEHIND_SECONDS:
            self._until = now + REMEMBERED_SECONDS
        self._ticked = now

    def is_behind(self) -> bool:
        """Whether it has more to do than it can, or had some seconds ago."""
        now = time.monotonic()
        return now < self._until or now - self._ticked > BEHIND_SECONDS


_paces: WeakKeyDictionary[ServerState, TickPace] = WeakKeyDictionary()


def pace_of(state: ServerState) -> TickPace:
    """That of this server."""
    return _paces.setdefault(state, TickPace())


def has_left(transport: asyncio.BaseTransport) -> bool:
    """Whether the client has closed this connection, also where its bytes are not all read yet. It takes a microsecond.

    A client that has closed its half and waits for an answer cannot be told apart; it is asked only of a process that
    is behind, which is known by nothing but its silence.
    """
    connection = transport.get_extra_info("socket")
    if connection is None or connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), GONE)
    return bool(poll.poll(0))
