"""One process of the people of a stampede: its part of them, each at their time.

    python -m loadtests.stampede.crowd < task.json

Prints a `StampedeMoment` as a line of JSON each second; told to end (SIGTERM), or when the time is up, it leaves its
`StampedePart` in the folder.
"""

import gc
import os
import signal
import sys
import time
from pathlib import Path

import msgspec

from loadtests.people.addresses import own_address
from loadtests.stampede.arrival import Arrival
from loadtests.stampede.company import StampedeCompany
from loadtests.stampede.records import ArrivalRecord, StampedeMoment, StampedePart, StampedeTask
from loadtests.stampede.states import StampedeShape

SAY_SECONDS = 1.0


class StampedeCrowd:
    """Sets everybody of this process out, and tells how they fare."""

    def __init__(self, task: StampedeTask) -> None:
        self.task, self.company = task, StampedeCompany(task)
        cached = task.shape is StampedeShape.RELOAD
        self.people = [
            Arrival(self.company, record, own_address(record.index), cached) for record in records(task)
        ]
        self.next = 0

    def run(self) -> StampedePart:
        loop, task = self.company.loop, self.task
        loop.at(task.begin, self.set_out)
        loop.at(time.monotonic(), self.say)
        loop.at(task.begin + task.seconds + task.most_seconds, self.end)
        loop.run()
        company = self.company
        return StampedePart(
            arrivals=[one.record for one in self.people],
            timings=company.timings(),
            refused=company.refused,
            closed=dict(company.closed),
            frames=company.frames,
            most_sockets=company.most_sockets,
        )

    def set_out(self, now: float) -> None:
        """Everybody whose time has come, one after the other; never more of them than are due."""
        while self.next < len(self.people) and self.people[self.next].record.due <= now:
            one = self.people[self.next]
            self.next += 1
            one.set_out(time.monotonic())
        if self.next < len(self.people):
            self.company.loop.at(self.people[self.next].record.due, self.set_out)

    def say(self, now: float) -> None:
        company = self.company
        moment = StampedeMoment(self.task.share, company.here, company.done, company.sockets)
        sys.stdout.buffer.write(msgspec.json.encode(moment) + b"\n")
        sys.stdout.buffer.flush()
        company.loop.at(now + SAY_SECONDS, self.say)

    def end(self, now: float) -> None:
        """Who is watching now counts as somebody with a socket; then everything is closed."""
        for one in self.people:
            one.record.watching = one.live
        self.company.loop.over = True


def records(task: StampedeTask) -> list[ArrivalRecord]:
    """Everybody of this process, in the order in which they come: evenly over the time, as the processes together."""
    each = task.seconds / task.people
    return [
        ArrivalRecord(index=index, due=task.begin + each * index)
        for index in range(task.share, task.people, task.shares)
    ]


def main() -> int:
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=StampedeTask)
    gc.set_threshold(100_000, 50, 50)  # nobody here is garbage before the end
    crowd = StampedeCrowd(task)
    # A signal interrupts the poll; the timer is done in the loop, where nothing is half done.
    signal.signal(signal.SIGTERM, lambda *_: crowd.company.loop.at(0.0, crowd.end))
    part = crowd.run()
    path = Path(task.folder) / f"people-{task.share:02d}.json"
    path.write_bytes(msgspec.json.encode(part))
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
