"""What the people of a stampede were told, as their processes leave it behind. Pure values.

Instants are seconds of the machine's steady clock, which all processes share.
"""

from array import array
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from loadtests.journey.states import StepName
from loadtests.stampede.states import StampedeShape

PATIENCE_SECONDS: Final = 30.0


class StampedeTask(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the people visit, and when. All of it is every process'; `share` of `shares` is its own part."""

    host: str
    port: int
    period: str
    people: int
    shape: StampedeShape
    seed: int
    begin: float
    """When the first one sets out."""
    seconds: float
    """Until the last one has set out; in a reload that is the opening."""
    press_seconds: float
    """How long people read before they press the button; in a reload over how long they press it, from the opening."""
    looks: bool
    """Their pages' scripts ask how the period stands, as those of browsers do that do not say when a page came."""
    most_seconds: float
    """After the last one has set out; whatever is still under way then is given up."""
    patience_seconds: float = PATIENCE_SECONDS
    """For an answer; then the connection is closed, and the same is asked again."""
    folder: str
    share: int = 0
    shares: int = 1


class ArrivalRecord(msgspec.Struct, array_like=True):
    """One person: when they set out, asked for a number, were told it, saw it, and heard the first frame.

    0 is never.
    """

    index: int
    due: float
    """When they were to set out; the load generator is late by the rest."""
    came: float = 0.0
    asked: float = 0.0
    """The button's first request, just before it is written."""
    sent: float = 0.0
    """That request of the button which was answered with a number."""
    told: float = 0.0
    shown: float = 0.0
    framed: float = 0.0
    number: int = 0
    watching: bool = False
    """The live feed was open at the end."""
    bytes_in: int = 0
    bytes_out: int = 0
    """Up to the first frame, headers included."""
    requests: int = 0
    lost: int = 0
    """Requests that got no answer, and were sent again."""
    page_right: bool | None = None
    """Of a sample: the number of the feed stood on the page."""
    failed: str = ""


class Refused(msgspec.Struct, array_like=True):
    """One answer that asks for patience, or should have."""

    at: float
    step: StepName
    status: int
    retry_after: float = -1.0
    """Seconds; below zero where the answer did not say."""


class Timings(msgspec.Struct):
    """When the requests of one kind were sent (doubles), and how many seconds each took (floats), as raw arrays."""

    sent: bytes = b""
    took: bytes = b""

    def pairs(self) -> Iterator[tuple[float, float]]:
        return zip(array("d", self.sent), array("f", self.took), strict=True)


class StampedePart(msgspec.Struct, kw_only=True):
    """The file that one process leaves."""

    arrivals: list[ArrivalRecord]
    timings: Mapping[StepName, Timings]
    refused: list[Refused]
    closed: dict[str, int]
    """Live feeds that ended after their first frame, by code."""
    frames: int
    most_sockets: int


class StampedeMoment(msgspec.Struct):
    """What one process says each second, as a line of JSON on stdout."""

    share: int
    here: int
    """People who have set out."""
    done: int
    """Those with a first frame, and those who failed."""
    sockets: int
