"""Rate limits: token buckets that fill again, for each process alone.

Addresses are kept in memory only, never written down. Fail open: a bucket that was forgotten is full again, and so many
processes give so many times as much."""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from foundation.errors import Code, Refusal


class Rate(NamedTuple):
    """So many at once, and so many a second after that."""

    at_once: float
    per_second: float


class Bucket(NamedTuple):
    """What was left of a rate, and when that was, in seconds of a clock that only goes forward."""

    left: float
    since: float


MOST_BUCKETS = 100_000


def filled(bucket: Bucket | None, rate: Rate, now: float) -> float:
    """How many tokens the bucket holds now. An unknown one is full."""
    if bucket is None:
        return rate.at_once
    return min(rate.at_once, bucket.left + max(0.0, now - bucket.since) * rate.per_second)


def wait_seconds(left: float, rate: Rate) -> float:
    """How long until there is one for a request, when so much is left; 0 when there is one."""
    return max(0.0, (1 - left) / rate.per_second)


def around(address: str) -> str:
    """The network around an address as `requests.network` writes it: its /24 or /48; what is no address stays alone."""
    if ":" in address:
        return _around_v6(address)
    head, dot, _ = address.rpartition(".")
    return f"{head}.0/24" if dot else address


@lru_cache(10_000)
def _around_v6(address: str) -> str:
    try:
        return str(ipaddress.IPv6Network(address, strict=False).supernet(new_prefix=48))
    except ValueError:
        return address


class Buckets:
    """The buckets of one rate by key; of more than 100,000 the one that was not asked for longest is forgotten."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """How many seconds until this key may again; 0 for now."""
        return wait_seconds(filled(self._buckets.get(key), self.rate, now), self.rate)

    def take(self, key: str, now: float, count: float = 1) -> float:
        """Take so many out, or put them back (below zero); 0. Where there are not as many, none: how long to wait.

        Asked at every join, so it is one look and one write.
        """
        rate = self.rate
        left = filled(self._buckets.pop(key, None), rate, now)
        short = left < count
        self._buckets[key] = Bucket(left if short else min(rate.at_once, left - count), now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return wait_seconds(left, rate) if short else 0.0


def spend(asked: Sequence[tuple[Buckets, str]], now: float) -> None:
    """Take one out of each, or of none. Raises Refusal rate_limited: at `retry_after` seconds there is one in all."""
    wait = 0.0
    for place, (buckets, key) in enumerate(asked):
        if wait := buckets.take(key, now):
            for taken, its_key in asked[:place]:
                taken.take(its_key, now, -1)
            break
    if wait:
        wait = max(wait, *(buckets.wait(key, now) for buckets, key in asked))
        raise Refusal(Code.RATE_LIMITED, retry_after=max(1, math.ceil(wait)))
