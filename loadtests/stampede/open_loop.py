"""Sockets and timers for thousands of people in one process, as lightly as Python can: one thread, one epoll, no tasks.

An open loop: people come at their times whatever became of those before them. A line carries bytes; what they mean
is its owner's. Linux only.
"""

import heapq
import itertools
import select
import socket
import time
from collections.abc import Callable
from typing import Final, Protocol

from loadtests.people.addresses import BIND_ADDRESS_NO_PORT

MOST_BYTES: Final = 65_536
"""Read at once: more than any answer of ours, and little enough that its memory is not mapped anew each time, which
costs as much as the reading."""

MOST_EVENTS: Final = 512

LONGEST_SLEEP_SECONDS: Final = 0.2

LATE_LOOK_SECONDS: Final = 1.0
"""Between two looks for lines whose answer is overdue."""

READ, READ_AND_WRITE = select.EPOLLIN, select.EPOLLIN | select.EPOLLOUT


class LineOwner(Protocol):
    """Who is told what comes over a line, and when."""

    def heard(self, line: "RawLine", data: bytes, now: float) -> None: ...

    def broken(self, line: "RawLine", now: float) -> None:
        """The other side ended it, or nothing came in time. It is closed already."""


class RawLine:
    """One TCP connection."""

    __slots__ = ("due", "fd", "handle", "loop", "owner", "rest", "unsent")

    def __init__(self, loop: "OpenLoop", owner: LineOwner, handle: socket.socket) -> None:
        self.loop, self.owner, self.handle = loop, owner, handle
        self.fd = handle.fileno()
        self.rest = self.unsent = b""
        """Bytes that are no whole answer yet, for its owner to keep; bytes that could not be sent yet."""
        self.due = 0.0
        """When the wait for an answer is over, by the steady clock; 0 while nothing is waited for."""

    def send(self, data: bytes) -> None:
        """Now, or as soon as the connection is there."""
        try:
            sent = 0 if self.unsent else self.handle.send(data)
        except (
            BlockingIOError,
            BrokenPipeError,
        ):  # not connected yet; one that is broken is heard of by reading
            sent = 0
        except OSError:
            return
        if sent < len(data):
            self.unsent += data[sent:]
            self.loop.poll.modify(self.fd, READ_AND_WRITE)

    def close(self) -> None:
        if self.fd >= 0:
            del self.loop.lines[self.fd]
            self.fd = -1
            self.handle.close()

    @property
    def open(self) -> bool:
        return self.fd >= 0

    def ready(self, mask: int) -> None:
        """What the poll has seen."""
        if mask & select.EPOLLOUT and self.unsent:
            data, self.unsent = self.unsent, b""
            self.loop.poll.modify(self.fd, READ)
            self.send(data)
        if not mask & ~select.EPOLLOUT:
            return
        try:
            data = self.handle.recv(MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = time.monotonic()
        if data:
            self.owner.heard(self, data, now)
        else:
            self.close()
            self.owner.broken(self, now)


class OpenLoop:
    """All lines and timers of this process."""

    def __init__(self, host: str, port: int) -> None:
        self.to = (host, port)
        self.poll = select.epoll()
        self.lines: dict[int, RawLine] = {}
        self.timers: list[tuple[float, int, Callable[[float], None]]] = []
        self.order = itertools.count()
        self.over = False

    def at(self, when: float, work: Callable[[float], None]) -> None:
        """Call this with the time once it is `when`, by the steady clock."""
        heapq.heappush(self.timers, (when, next(self.order), work))

    def dial(self, owner: LineOwner, source: str) -> RawLine:
        """A new connection; it may carry bytes at once. Raises OSError where there is no socket or port left."""
        handle = socket.socket()
        try:
            handle.setblocking(False)
            if source:
                handle.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
                handle.bind((source, 0))
            handle.connect_ex(self.to)  # what goes wrong is heard of by reading
            line = RawLine(self, owner, handle)
            self.poll.register(line.fd, READ)
        except OSError:
            handle.close()
            raise
        self.lines[line.fd] = line
        return line

    def run(self) -> None:
        """Until `over`. Whatever is open then is closed."""
        self.at(time.monotonic() + LATE_LOOK_SECONDS, self.look)
        while not self.over:
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                heapq.heappop(self.timers)[2](now)
            wait = min(LONGEST_SLEEP_SECONDS, max(0.0, self.timers[0][0] - time.monotonic()))
            for fd, mask in self.poll.poll(wait, MOST_EVENTS):
                if (line := self.lines.get(fd)) is not None:
                    line.ready(mask)
        for line in list(self.lines.values()):
            line.close()
        self.poll.close()

    def look(self, now: float) -> None:
        """Give up the lines whose answer is overdue. One that is here, and was only not read yet, is none."""
        for line in [one for one in self.lines.values() if 0.0 < one.due < now]:
            due = line.due
            line.ready(READ)
            if line.open and line.due == due:
                line.close()
                line.owner.broken(line, now)
        self.at(now + LATE_LOOK_SECONDS, self.look)
