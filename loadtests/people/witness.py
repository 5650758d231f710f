"""What each person of a rehearsal was told, as they kept it: to be held against the books afterwards. Pure values.

Instants are seconds since 1970 by the machine's steady clock, so that no step of the wall clock changes their order.
"""

import msgspec

from loadtests.journey.states import JourneyEnd, PersonaKind

UNSEEN_SECONDS = 45.0
"""Between two signs of life that are further apart nobody claims to have been present; the service allows 60 s."""

MARKED_SECONDS = 6.0
"""After a reconnection over the live feed the service's next mark is at most so far away."""


class Stay(msgspec.Struct, kw_only=True):
    """One number in one person's hands: asked for, told, called; and when its owner was present, for certain."""

    number: int
    asked: float
    told: float
    fresh: bool
    """The answer said that the number was new (201), to the first request that was sent for it."""
    present: list[tuple[float, float]] = []
    called: float | None = None
    ended: float | None = None
    """When the owner left, or was told that the number was over."""


class Witness(msgspec.Struct, kw_only=True):
    """One person's day."""

    index: int
    kind: PersonaKind
    account: int
    came: float
    whole: bool = False
    """Arrived as a browser does, with pages and files."""
    went: float | None = None
    stays: list[Stay] = []
    outcome: JourneyEnd | None = None
    """How it ended; None for somebody who was still there at the end."""
    number: int | None = None
    receipt: str | None = None
    rank: int | None = None
    """As the first answer to the submission said, whatever came after it."""
    drained: float | None = None
    """When the live feed told them that it was over."""
    code: str | None = None
    reason: str | None = None
    refusals: dict[str, int] = {}
    lost: int = 0
    """Requests and sockets that got no answer."""


class WitnessedPresence:
    """Keeps the stretches of one stay in which somebody was certainly present."""

    __slots__ = ("last", "since", "stay")

    def __init__(self, stay: Stay) -> None:
        self.stay = stay
        self.since: float | None = stay.told
        self.last = stay.told

    def seen(self, at: float, surely: bool = True) -> None:
        """A sign of life. One that the service may only mark later (`surely` false) begins a stretch later."""
        if self.since is not None and at - self.last > UNSEEN_SECONDS:
            self.end(self.last)
        if self.since is None:
            self.since = at if surely else at + MARKED_SECONDS
        self.last = max(self.last, at)

    def end(self, at: float) -> None:
        if self.since is not None and self.since < at:
            self.stay.present.append((self.since, at))
        self.since = None


class WitnessSample(msgspec.Struct, kw_only=True):
    """What one process of people saw in two seconds. Counts are of these seconds; `ages` are tenths of seconds."""

    share: int
    at: float
    here: int = 0
    """People who have come and not gone."""
    sockets: int = 0
    near: dict[int, int] = {}
    """Ages of positions shown to people near the front, over the live feed."""
    far: dict[int, int] = {}
    polled: dict[int, int] = {}
    joins: int = 0
    frames: int = 0
    requests: int = 0
    lost: int = 0
    codes: dict[str, int] = {}
    ends: dict[str, int] = {}
    took: dict[str, dict[int, int]] = {}
    """Of whole arrivals, by step: how many took so many milliseconds (`whole.bucket`)."""
    arrived: int = 0
    """Whole arrivals that came to their first frame."""
    arrival_requests: int = 0
    arrival_bytes_in: int = 0
    arrival_bytes_out: int = 0
    """Of those, headers included."""


class Records(msgspec.Struct, kw_only=True):
    """The file that one process of people leaves."""

    people: list[Witness]
