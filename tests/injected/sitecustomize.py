"""A clock of the test's own in every process of the service (`tests/support/processes/injected_clock.py`).

Python imports this file at the start of every process that has its folder on the path; nothing else ever does. The time
of day is that of the host and a shift, which a shared file holds (nanoseconds, 8 bytes). Durations stay as they are. A
period opens when both our clock and Redis's have got there, so Redis is heard with the same shift.
"""

import mmap
import os
import struct
import time
from pathlib import Path

if "INJECTED_CLOCK" in os.environ:
    with Path(os.environ["INJECTED_CLOCK"]).open("rb") as file:
        shared = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    host_ns = time.time_ns

    def shift() -> int:
        """Nanoseconds that the service's clock is ahead of the host's."""
        return int(struct.unpack_from("q", shared)[0])

    def time_ns() -> int:
        return host_ns() + shift()

    def seconds() -> float:
        return time_ns() / 1e9

    time.time_ns, time.time = time_ns, seconds

    from waitingroom.line.store import Line

    of_redis = Line.time

    async def line_time(self: Line) -> int:
        return await of_redis(self) + shift() // 1_000_000

    Line.time = line_time  # type: ignore[method-assign]
