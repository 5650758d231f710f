"""How a whole intake is played in minutes: what is made shorter, what cannot be, and when people come. Pure.

Made shorter by the time scale: arrivals, the pace of calls, the time of a token, what people take to type, read and
come back. Not made shorter, because it is what is tried: what a request costs, Argon2 at the sign-in, the writing to
disk, the network, the second between two looks at the line, the minute in which somebody unseen counts as present.
"""

import math
from itertools import pairwise

import msgspec

DAY_CALLS_PER_MINUTE = 30.0
"""The day that is played: 5,073 places go in some four hours, as they went in 2016."""

CALLS_A_CORE_PER_MINUTE = 300.0
"""A sign-in costs two hashes of 30 ms, so a core does a thousand a minute and nothing else. Beyond this pace a
rehearsal would measure little but the hashes."""

USED = 0.72
"""So many of those called submit, roughly: the others lapse, leave, or find their account used."""

TOKEN_SECONDS = 600.0

LEAST_TOKEN_SECONDS = 5
"""Below this the queue for the hashes alone would let tokens lapse."""

ARRIVED = ((0.0, 0.0), (0.25, 0.04), (0.50, 0.10), (0.85, 0.30), (1.0, 0.60))
"""So many of all people have come by so much of the expected day: an opening, its wake, and those who come later."""

WHOLE_ARRIVAL_MS = 2.9
"""Processor time of an arrival with pages and files, that of the service, the people and the network together, as
`python -m loadtests.stampede` found it with 60,000 of them in a minute (6 requests each)."""

ARRIVALS_PART = 0.5
"""So much of the machine may go into arrivals while they are most frequent. The rest is for the hashes of those who are
called meanwhile, for frames to those who came before, and for Redis and SQL."""

WAIT_SECONDS = 2.0
"""So long an arrival may wait for a processor: whoever waits longer presses again."""

MOST_SOCKETS_A_PROCESS = 15_000
"""Of 20,000 open files; the kernel does not share new connections out evenly."""


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal's times. `time_scale` is what was asked, `pace_scale` and `token_scale` what could be had."""

    people: int
    cap: int
    time_scale: float
    calls_per_minute: int
    token_seconds: int
    expected_seconds: float
    """From the opening to the last place, if all goes as expected."""
    day_minutes: float
    """How long the same intake takes at `DAY_CALLS_PER_MINUTE`."""

    @property
    def pace_scale(self) -> float:
        return self.calls_per_minute / DAY_CALLS_PER_MINUTE

    @property
    def token_scale(self) -> float:
        return TOKEN_SECONDS / self.token_seconds

    @property
    def arrive_seconds(self) -> float:
        """Until the last one has come."""
        return self.expected_seconds * ARRIVED[-1][1]

    @property
    def most_seconds(self) -> float:
        """When whatever is still going on is ended, and the rehearsal has failed."""
        return 4 * self.expected_seconds + 10 * self.token_seconds + 300.0


def scaled(people: int, cap: int, time_scale: float, cores: int) -> Scale:
    """The times of a rehearsal of so many people on so many cores."""
    pace = max(1, round(min(DAY_CALLS_PER_MINUTE * time_scale, CALLS_A_CORE_PER_MINUTE * cores)))
    token = max(LEAST_TOKEN_SECONDS, round(TOKEN_SECONDS / time_scale))
    return paced(people, cap, time_scale, pace, token)


def paced(people: int, cap: int, time_scale: float, calls_per_minute: int, token_seconds: int) -> Scale:
    """The times of a rehearsal at a pace that is given, as a running instance has one."""
    calls = cap / USED
    return Scale(
        people=people,
        cap=cap,
        time_scale=time_scale,
        calls_per_minute=calls_per_minute,
        token_seconds=token_seconds,
        expected_seconds=calls * 60 / max(1, calls_per_minute),
        day_minutes=calls / DAY_CALLS_PER_MINUTE,
    )


def arrival(share: float, expected_seconds: float) -> float:
    """When the one comes before whom `share` (0 to 1) of all have come: seconds after the opening."""
    for (share_before, day_before), (share_after, day_after) in pairwise(ARRIVED):
        if share <= share_after:
            part = (share - share_before) / (share_after - share_before)
            return expected_seconds * (day_before + part * (day_after - day_before))
    return expected_seconds * ARRIVED[-1][1]


def bearable(scale: Scale, cores: int) -> float:
    """The share of the people that can arrive whole, with pages and files, on so many cores: all of them, unless the
    work of those who have come would by some moment be more than its part of the machine does by then, and somebody
    would have to wait for it."""
    a_second = ARRIVALS_PART * cores * 1000 / WHOLE_ARRIVAL_MS
    shares = (
        (WAIT_SECONDS + day * scale.expected_seconds) * a_second / (share * scale.people)
        for share, day in ARRIVED
        if share
    )
    return min(1.0, math.floor(100 * min(shares)) / 100)


def processes(people: int, most_each: int = MOST_SOCKETS_A_PROCESS) -> int:
    """How many processes hold so many people's sockets."""
    return max(1, math.ceil(people / most_each))
