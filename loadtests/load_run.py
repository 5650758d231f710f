"""What all users of one Locust process share, and what a worker's process tells the master's of it. Knows no Locust."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from loadtests.journey.accounts import AccountPattern
from loadtests.journey.steps import Outcome
from loadtests.people.tally import CrowdTally, best_rate, spread


class LoadNews(msgspec.Struct):
    """What one process saw since its last report: the same a worker sends to the master."""

    ended: list[Outcome] = []
    counts: dict[str, int] = {}
    codes: dict[str, int] = {}
    joined_at: list[float] = []
    drained_at: list[float] = []
    first_frame_ms: list[float] = []
    most_sockets: int = 0


LISTS = ("ended", "joined_at", "drained_at", "first_frame_ms")
"""What only grows: a report has the part that is new."""


class LoadRun:
    """What all users of this process share: the accounts, and what was seen. One a process."""

    accounts: AccountPattern
    rng = random.Random()
    next_account: Iterator[int] = itertools.count(1)
    tally = CrowdTally()
    joined_at: list[float] = []
    drained_at: list[float] = []
    first_frame_ms: list[float] = []
    sockets = 0
    most_sockets = 0
    said: Counter[str] = Counter()
    said_counts: Counter[str] = Counter()
    said_codes: Counter[str] = Counter()
    """On a worker: how many of each list, and of the counts, the master has already."""
    sockets_of: dict[str, int] = {}
    """On the master: the most sockets of each worker."""

    @classmethod
    def news(cls) -> LoadNews:
        """What was seen here since this was last asked."""
        said, tally = cls.said, cls.tally
        news = LoadNews(
            ended=tally.ended[said["ended"] :],
            counts=dict(tally.counts - cls.said_counts),
            codes=dict(tally.codes - cls.said_codes),
            joined_at=cls.joined_at[said["joined_at"] :],
            drained_at=cls.drained_at[said["drained_at"] :],
            first_frame_ms=cls.first_frame_ms[said["first_frame_ms"] :],
            most_sockets=cls.most_sockets,
        )
        said.update({name: len(getattr(news, name)) for name in LISTS})
        cls.said_counts, cls.said_codes = tally.counts.copy(), tally.codes.copy()
        return news

    @classmethod
    def add(cls, worker: str, news: LoadNews) -> None:
        """On the master: add what a worker saw."""
        for outcome in news.ended:
            cls.tally.add(outcome)
        cls.tally.counts.update(news.counts)
        cls.tally.codes.update(news.codes)
        cls.joined_at += news.joined_at
        cls.drained_at += news.drained_at
        cls.first_frame_ms += news.first_frame_ms
        cls.sockets_of[worker] = news.most_sockets
        cls.most_sockets = sum(cls.sockets_of.values())

    @classmethod
    def figures(cls) -> dict[str, Any]:
        """The report of the whole run, as JSON takes it."""
        joined, drained = sorted(cls.joined_at), cls.drained_at
        return {
            "outcomes": dict(cls.tally.kinds),
            "codes": dict(cls.tally.codes),
            "counts": dict(cls.tally.counts),
            "broken": cls.tally.broken(),
            "joins_best_second": best_rate(joined, 1.0),
            "joins_best_five_seconds": best_rate(joined, 5.0),
            "most_sockets": cls.most_sockets,
            "first_frame_ms": spread(cls.first_frame_ms),
            "drain_seconds": round(max(drained) - min(drained), 2) if drained else None,
            "drained": len(drained),
            "workers": len(cls.sockets_of),
        }
