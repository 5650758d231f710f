"""Rate limits of joins: token buckets of each process. Addresses are kept in memory only, never written down.

A ticket or a visitor cookie of ours has a bucket of its own: what the neighbours behind a shared address do (a
cybercafé, a university) is not held against it. Only requests that show nothing are counted by address, and by the
network around it. Generous (WR-07): what they slow down is a machine that
asks for numbers without end. Fail open: a bucket that was forgotten is full again, and so many processes give so many
times as much.
"""

import math
import time

from foundation.errors import Code, Refusal
from server.rate_limits import Buckets, Rate, around, spend

ADDRESS = Rate(300, 5)
"""A whole lecture hall may press the button in the same second, even with browsers that keep no cookies."""

NETWORK = Rate(3_000, 50)
"""Of a /24 (IPv4) or /48 (IPv6): a campus, or somebody who rents addresses by the hundred."""

PERSON = Rate(20, 1)
"""Of one ticket or visitor cookie: nobody presses the button so often, and it gives one number anyway."""

CROWD_ADDRESS = Rate(1_000, 20)
"""Of one address, of people who keep cookies and have no place yet. Beyond it each number or entry owes a proof."""

CROWD_NETWORK = Rate(10_000, 200)

WAITED_ADDRESS = Rate(300, 2)
"""Of one address, of people who waited instead of proving: robots wait as well as anybody, so this is what it costs."""

WAITED_NETWORK = Rate(3_000, 20)


class JoinLimits:
    """Of joins. Switched off they let everything pass, as in the demo."""

    def __init__(
        self, on: bool, address: Rate = ADDRESS, network: Rate = NETWORK, person: Rate = PERSON
    ) -> None:
        self._on = on
        self._addresses, self._networks, self._people = Buckets(address), Buckets(network), Buckets(person)
        self._crowd = Buckets(CROWD_ADDRESS), Buckets(CROWD_NETWORK)
        self._waited = Buckets(WAITED_ADDRESS), Buckets(WAITED_NETWORK)

    def spend(self, address: str, person: str | None = None) -> None:
        """Count one join, of a person known by this hash, or of an unknown one (None). Raises Refusal rate_limited."""
        if not self._on:
            return
        now = time.monotonic()
        if person is not None:
            if wait := self._people.take(person, now):
                raise Refusal(Code.RATE_LIMITED, retry_after=max(1, math.ceil(wait)))
        else:
            spend([(self._addresses, address), (self._networks, around(address))], now)

    def crowded(self, address: str) -> bool:
        """Count one person who comes for a first number or entry; True when they are more than people ever were."""
        if not self._on:
            return False
        try:
            spend([(self._crowd[0], address), (self._crowd[1], around(address))], time.monotonic())
        except Refusal:
            return True
        return False

    def waited(self, address: str) -> None:
        """Count one who waited instead of proving. Raises Refusal rate_limited."""
        if self._on:
            spend([(self._waited[0], address), (self._waited[1], around(address))], time.monotonic())
