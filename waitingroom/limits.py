"""Limits by address: a bucket that fills again. For each process alone; an address is never written down.

Generous, because a cybercafé or a university is one address and many people (WR-07): what it stops is a machine that
asks for numbers without end. Fails open: an address that was forgotten starts with a full bucket.
"""

import time
from collections import OrderedDict

from quota.errors import Refusal

BURST = 300
"""A whole lecture hall may press the button in the same second."""

PER_SECOND = 5.0
MOST_ADDRESSES = 100_000


class Limits:
    """Buckets of requests by address. Switched off it lets everything pass, as in the demo."""

    def __init__(self, on: bool, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._on, self._burst, self._per_second = on, burst, per_second
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, address: str) -> None:
        """Count one request of this address. Raises Refusal rate_limited with when to come back."""
        if not self._on:
            return
        now = time.monotonic()
        left, since = self._buckets.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._per_second)
        allowed = left >= 1
        self._buckets[address] = (left - 1 if allowed else left, now)
        if len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if not allowed:
            raise Refusal("rate_limited", retry_after=1 + int((1 - left) / self._per_second))
