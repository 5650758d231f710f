"""Figures for Prometheus, over all processes of a host. Labels are fixed words, never anything of a person (P11)."""

import contextlib
from bisect import bisect_left
from collections import Counter as Counted
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from foundation.events import Events

COUNTERS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "joins": ("Numbers given.", ()),
    "calls": ("People called: tokens made.", ()),
    "leaves": ("Numbers given up while waiting.", ()),
    "proofs": ("Proofs of work taken.", ()),
    "lapses": ("Tokens that ended unused.", ()),
    "accepted": ("Submissions accepted.", ()),
    "refusals": ("Expected refusals answered, by code.", ("code",)),
    "epochs": ("Times the line was rebuilt in Redis.", ()),
    "mark_raises": ("Times the highest number that may be given was raised in SQL.", ()),
    "jobs_rung": ("Jobs handed to the queue, repeats included.", ()),
    "jobs_done": ("Jobs done, by kind.", ("kind",)),
    "jobs_failed": ("Attempts of jobs that failed, by kind.", ("kind",)),
    "http_requests": ("HTTP requests answered.", ("route", "method", "status")),
    "other": ("Counted under a name that has no metric of its own.", ("event",)),
}
"""Every counter, `guichet_<name>_total`: what it counts, and its labels."""

LEVELS: Final = {"sockets": "Live sockets held by all processes."}
"""Every gauge, `guichet_<name>`: the sum over the processes alive."""

TIMES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "tick": ("Seconds one tick took, for one period.", ()),
    "feed": ("Seconds of work for one look at a line and its frames, without the sending.", ()),
    "http_request": ("Seconds from the first byte of a request to the end of its answer.", ("route",)),
}
"""Every histogram, `guichet_<name>_seconds`."""

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds. From a poll answered from memory to a store that is about to be given up."""


class Metrics(Events):
    """Feeds Prometheus. `folder` is where several processes gather their figures; None keeps them in this process.

    The library chooses between the two when it is first imported, by `PROMETHEUS_MULTIPROC_DIR`; the supervisor sets
    it for the processes it starts, and empties the folder before.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._registry = CollectorRegistry()
        self._children: dict[tuple[str, ...], Any] = {}
        self._counters = {
            name: Counter(f"guichet_{name}", text, labels, registry=self._registry)
            for name, (text, labels) in COUNTERS.items()
        }
        self._levels = {
            name: Gauge(f"guichet_{name}", text, registry=self._registry, multiprocess_mode="livesum")
            for name, text in LEVELS.items()
        }
        self._times = {
            name: Histogram(f"guichet_{name}_seconds", text, labels, registry=self._registry, buckets=BUCKETS)
            for name, (text, labels) in TIMES.items()
        }

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        """A name without a metric is counted as `other`, so that a typing error never breaks a request."""
        if name not in COUNTERS:
            name, labels = "other", {"event": name}
        self._child(self._counters[name], name, COUNTERS[name][1], labels).inc(n)

    def level(self, name: str, value: float, /) -> None:
        """Nothing for a name without a gauge."""
        if name in self._levels:
            self._levels[name].set(value)

    def took(self, name: str, seconds: float, /, **labels: str) -> None:
        """Nothing for a name without a histogram."""
        if name not in TIMES:
            return
        self._child(self._times[name], name, TIMES[name][1], labels).observe(seconds)

    def took_all(self, name: str, seconds: Sequence[float], /, **labels: str) -> None:
        """The same figures as `took` for each: one addition a bucket, where the library knows one observation only."""
        if name not in TIMES or not seconds:
            return
        child = self._child(self._times[name], name, TIMES[name][1], labels)
        child._sum.inc(sum(seconds))
        for bucket, n in Counted(bisect_left(BUCKETS, one) for one in seconds).items():
            child._buckets[bucket].inc(n)

    def _child(self, metric: Any, name: str, known: tuple[str, ...], labels: dict[str, str]) -> Any:
        """The metric for these labels, remembered: the library's own search takes as long as the rest of a count."""
        key = (name, *(labels.get(label, "") for label in known))
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = metric.labels(*key[1:]) if known else metric
        return child

    def text(self) -> bytes:
        """What `/metrics` shows: the sum over all processes where they share a folder."""
        registry = self._registry
        if self._folder is not None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]  # as below
        return generate_latest(registry)


def forget(folder: Path, pid: int) -> None:
    """A process has ended: its live sockets are no more. Its counts stay. For the supervisor."""
    with contextlib.suppress(OSError):
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # the library has no types here
