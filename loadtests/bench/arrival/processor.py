"""Processor time of the service, process by process, to the nanosecond: user and system, all threads."""

import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import redis

CPUCLOCK_SCHED: Final = 2
"""Linux: the clock of a process of which only the id is known (`clock_getcpuclockid`)."""


def processor_seconds(pid: int) -> float:
    """What this process has used of a processor so far."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


class ServiceEffort(NamedTuple):
    """Seconds of a processor that the service has used: its web processes, and what else belongs to it."""

    web: float
    ticker: float
    store: float

    @property
    def all(self) -> float:
        return self.web + self.ticker + self.store

    def __sub__(self, before: "ServiceEffort") -> "ServiceEffort":
        return ServiceEffort(self.web - before.web, self.ticker - before.ticker, self.store - before.store)


class ServiceProcesses:
    """The processes of a running demo, by its READY line."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.web: Sequence[int] = ready["pids"]["web"]
        self.ticker: Sequence[int] = ready["pids"]["ticker"]
        with redis.Redis.from_url(ready["redis_url"]) as client:
            self.store = int(client.info("server")["process_id"])

    def effort(self) -> ServiceEffort:
        """So far."""
        return ServiceEffort(
            sum(map(processor_seconds, self.web)),
            sum(map(processor_seconds, self.ticker)),
            processor_seconds(self.store),
        )
