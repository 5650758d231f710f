"""Figures for Prometheus, over all processes of a host. Labels are fixed words, never anything of a person (P11).

Processes of one host share a folder, a file each and kind. What a process counted outlives it; what it held (sockets)
or saw (a line) ends with it, also by `kill -9`: each file's process holds a lock, which goes with it, and whoever shows
or starts looks for the locks that are free (`sweep`). Each host sweeps its own folder.
"""

import contextlib
import fcntl
import os
import re
import shutil
import struct
from bisect import bisect_left
from collections import Counter as Counted
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.mmap_dict import MmapedDict
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
    "mails": ("Tries to send a mail, by what it was afterwards.", ("state",)),
    "http_requests": ("HTTP requests answered.", ("route", "method", "status")),
    "other": ("Counted under a name that has no metric of its own.", ("event",)),
}
"""Every counter, `guichet_<name>_total`: what it counts, and its labels."""

LEVELS: Final[dict[str, tuple[str, tuple[str, ...], str]]] = {
    "sockets": ("Live sockets held by all processes.", (), "livesum"),
    "build_info": ("1, with the version of each process that runs.", ("version",), "livemax"),
    "ticker_age_seconds": ("Seconds since a ticker was last seen alive.", (), "livemostrecent"),
    "period_waiting": ("People who wait and are present.", ("period",), "livemostrecent"),
    "period_parked": ("People who wait and were not seen lately.", ("period",), "livemostrecent"),
    "period_held": ("Places held: accepted and live tokens.", ("period",), "livemostrecent"),
    "period_live_tokens": ("Tokens that may still be used.", ("period",), "livemostrecent"),
    "period_accepted": ("Submissions accepted.", ("period",), "livemostrecent"),
    "period_cap": ("Places there are.", ("period",), "livemostrecent"),
    "tasks_due": ("Tasks that are due and not done.", (), "livemostrecent"),
    "tasks_overdue_seconds": ("Seconds since the oldest of them was due.", (), "livemostrecent"),
    "tasks_set_aside": ("Tasks that failed too often and need a person's look.", (), "livemostrecent"),
    "mails_set_aside": ("Mails that no server took in four days.", (), "livemostrecent"),
    "card_differences": (
        "Movements of the newest compared day that stand on one side alone.",
        (),
        "livemostrecent",
    ),
    "queue_rings": ("Rings that no worker has answered yet.", (), "livemostrecent"),
}
"""Every gauge, `guichet_<name>`: what it shows, its labels, and how the processes alive are put together."""

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

    def __init__(self, folder: Path | None = None, version: str = "") -> None:
        """`version` of the program, for `guichet_build_info`."""
        self._folder = folder
        if folder is not None:
            enter(folder)
        self._registry = CollectorRegistry()
        self._children: dict[tuple[str, ...], Any] = {}
        self._counters = {
            name: Counter(f"guichet_{name}", text, labels, registry=self._registry)
            for name, (text, labels) in COUNTERS.items()
        }
        self._levels: dict[str, Gauge] = {}
        """Made when they are first told: one that this process knows nothing of is not shown as nought."""
        self._times = {
            name: Histogram(f"guichet_{name}_seconds", text, labels, registry=self._registry, buckets=BUCKETS)
            for name, (text, labels) in TIMES.items()
        }
        self.level("sockets", 0)
        if version:
            self.level("build_info", 1, version=version)

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        """A name without a metric is counted as `other`, so that a typing error never breaks a request."""
        if name not in COUNTERS:
            name, labels = "other", {"event": name}
        self._child(self._counters[name], name, COUNTERS[name][1], labels).inc(n)

    def level(self, name: str, value: float, /, **labels: str) -> None:
        """Nothing for a name without a gauge."""
        if name not in LEVELS:
            return
        text, known, mode = LEVELS[name]
        if name not in self._levels:
            self._levels[name] = Gauge(
                f"guichet_{name}",
                text,
                known,
                registry=self._registry,
                multiprocess_mode=mode,  # type: ignore[arg-type]
            )
        self._child(self._levels[name], name, known, labels).set(value)

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
        if self._folder is None:
            return generate_latest(self._registry)
        with contextlib.suppress(OSError):
            sweep(self._folder)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]  # as below
        with _alone(self._folder, fcntl.LOCK_SH):
            return generate_latest(registry)


# -- the files of processes that have ended ----------------------------------------------------------------------------

_FILE: Final = re.compile(r"(?:counter|histogram|gauge_[a-z]+)_([0-9]+)\.db")

_entered: dict[Path, int] = {}
"""The locks that this process holds, by folder: for as long as it lives."""


def enter(folder: Path) -> None:
    """Say that this process lives, in a way that ends with it. Before it writes figures there."""
    if folder in _entered:
        return
    with contextlib.suppress(OSError), _alone(folder, fcntl.LOCK_EX):
        _sweep(folder, own=True)  # what a process with the same number may have left
        held = os.open(_lock_of(folder, os.getpid()), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(held, fcntl.LOCK_EX)
        _entered[folder] = held


def sweep(folder: Path) -> None:
    """Take away what processes that have ended held and saw, and put together what they counted. OSError where the
    folder cannot be read or written."""
    with _alone(folder, fcntl.LOCK_EX):
        _sweep(folder)


def _sweep(folder: Path, own: bool = False) -> None:
    found = {int(match[1]) for path in folder.iterdir() if (match := _FILE.fullmatch(path.name))}
    dead = [pid for pid in sorted(found) if (own if pid == os.getpid() else not _lives(folder, pid))]
    for kind in ("counter", "histogram"):
        _put_together(folder, kind, [folder / f"{kind}_{pid}.db" for pid in dead])
    for pid in dead:
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]  # the library has no types here
        _lock_of(folder, pid).unlink(missing_ok=True)


def _put_together(folder: Path, kind: str, files: list[Path]) -> None:
    """Add what these files count to the one of all that ended: a total that went down would be a restart to Prometheus,
    and what is left of it would be counted a second time."""
    files = [path for path in files if path.exists()]
    if not files:
        return
    whole, fresh = folder / f"{kind}_ended.db", folder / f"{kind}_ended.new"
    fresh.unlink(missing_ok=True)
    if whole.exists():
        shutil.copyfile(whole, fresh)
    values = MmapedDict(str(fresh))  # type: ignore[no-untyped-call]
    for path in files:
        with contextlib.suppress(
            RuntimeError, struct.error, ValueError
        ):  # it ended in the middle of a new name
            for key, value, _at, _pos in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
                values.write_value(key, values.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
    values.close()  # type: ignore[no-untyped-call]
    fresh.replace(whole)
    for path in files:
        path.unlink()


def _lives(folder: Path, pid: int) -> bool:
    """Whether the process of this number that wrote here lives: its lock goes with it, its number may come again."""
    try:
        lock = os.open(_lock_of(folder, pid), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return _answers(pid)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _lock_of(folder: Path, pid: int) -> Path:
    return folder / f"{pid}.lock"


@contextlib.contextmanager
def _alone(folder: Path, how: int) -> Iterator[None]:
    """With the folder to oneself (`LOCK_EX`), or with others who only read (`LOCK_SH`)."""
    lock = os.open(folder / "sweep.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, how)
        yield
    finally:
        os.close(lock)
