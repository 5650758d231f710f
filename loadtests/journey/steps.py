"""What a journey asks of its driver, what it is sent back, and how it ends: small frozen values, no I/O.

A driver (asyncio in `crowd`, gevent in `locustfile`) takes one step at a time, does it, and sends the reply.
"""

from collections.abc import Callable, Generator
from typing import Any

import msgspec

from loadtests.journey.states import JourneyEnd, StepName


class Request(msgspec.Struct, frozen=True):
    """One HTTP exchange. `headers` is complete: drivers add no cookies of their own. `form` is that of a page,
    which only plans of a rehearsal ask for."""

    name: StepName
    method: str
    path: str
    headers: dict[str, str]
    json: dict[str, Any] | None = None
    form: dict[str, str] | None = None


class WatchFeed(msgspec.Struct, frozen=True):
    """Open the live feed; one socket a candidate. Answered by Done, by the Answer that refused it, or by Lost."""

    path: str
    headers: dict[str, str]


class Listen(msgspec.Struct, frozen=True):
    """Wait at most this long for the next frame. Answered by FeedFrame, Silence or Closed."""

    seconds: float


class HangUp(msgspec.Struct, frozen=True):
    """Close the live feed, if it is open. Answered by Done."""


class Sleep(msgspec.Struct, frozen=True):
    """Do nothing for so long: a person types, reads, or is away. Answered by Done."""

    seconds: float


Step = Request | WatchFeed | Listen | HangUp | Sleep


class JourneyAnswer(msgspec.Struct, frozen=True):
    """An HTTP answer: header names in lower case, the cookies it sets, and its JSON, or the text of a page that is not
    compressed; None for anything else."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: Any = None


class FeedFrame(msgspec.Struct, frozen=True):
    """One text frame of the live feed, decoded."""

    body: dict[str, Any]


class Silence(msgspec.Struct, frozen=True):
    """No frame came in the time given; the socket is still open."""


class Closed(msgspec.Struct, frozen=True):
    """The socket ended: the close code, or 1006 when it just broke."""

    code: int


class Lost(msgspec.Struct, frozen=True):
    """No answer: refused, reset, timed out. Whether the service did what was asked is unknown."""

    reason: str


class Done(msgspec.Struct, frozen=True):
    """The step is done and has nothing to say."""


Reply = JourneyAnswer | FeedFrame | Silence | Closed | Lost | Done


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a journey ended, with what its kind says of it."""

    kind: JourneyEnd
    number: int | None = None
    receipt: str | None = None
    rank: int | None = None
    code: str | None = None
    reason: str | None = None


Journey = Generator[Step, Reply, Outcome]

Clock = Callable[[], float]
