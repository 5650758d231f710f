"""Slow clients, by the hundred of each kind, and how long a server keeps them.

Whatever is ended is opened again, so that there are always as many. A process of its own, so that it takes no time
from those who come honestly: `python -m loadtests.bench.slow_clients PORT --each 500 --seconds 30`. It prints one line
of JSON.
"""

import argparse
import contextlib
import json
import os
import random
import select
import socket
import time
from enum import StrEnum
from typing import Final


class SlowKind(StrEnum):
    """How a client is slow, and what the field calls it."""

    SILENT = "silent"
    """Connects, and says nothing: an idle connection."""
    HEADS = "heads"
    """A header that comes a byte a second: slowloris."""
    BODIES = "bodies"
    """A body that comes a byte a second: slow POST."""
    UNREAD = "unread"
    """Asks for more than a connection holds, and reads nothing: slow read."""


DRIPPING: Final = (SlowKind.HEADS, SlowKind.BODIES)


SESSION: Final = "POST /api/v1/session HTTP/1.1\r\nHost: guichet\r\nContent-Type: application/json\r\n"

FILE: Final = "GET /openapi.json HTTP/1.1\r\nHost: guichet\r\n\r\n"

BEGINNINGS: Final = {
    SlowKind.SILENT: "",
    SlowKind.HEADS: "GET / HTTP/1.1\r\nHost: guichet\r\nX-Slow: ",
    SlowKind.BODIES: f"{SESSION}Content-Length: 2000\r\n\r\n{{",
    SlowKind.UNREAD: FILE * 8,
}
"""What each says at once. Eight files are three times what an unread connection holds."""

STEP_SECONDS: Final = 0.02

AT_A_TIME: Final = 5
"""Opened in one step: 250 a second, evenly, so that beginning is not a flood of its own and the others on this
core do not wait long for it."""


class SlowClient:
    """One slow client."""

    def __init__(self, kind: SlowKind, port: int) -> None:
        self.kind = kind
        self.socket = socket.socket()
        if kind is SlowKind.UNREAD:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.born = self.dripped = time.monotonic()
        self.say(BEGINNINGS[kind].encode())

    @property
    def age(self) -> float:
        return time.monotonic() - self.born

    def say(self, text: bytes) -> None:
        with contextlib.suppress(OSError):
            self.socket.send(text)

    def drip(self) -> None:
        if self.kind in DRIPPING and time.monotonic() - self.dripped >= 1:
            self.dripped = time.monotonic()
            self.say(b"a")

    def ended(self) -> bool:
        """Something has come: was it the end? Who does not read is told of nothing else."""
        if self.kind is SlowKind.UNREAD:
            return True
        try:
            return not self.socket.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True


class SlowClients:
    """All of them, and the longest that one of each kind was kept."""

    def __init__(self, port: int, each: int) -> None:
        self.port, self.each = port, each
        self.here: dict[int, SlowClient] = {}
        self.longest = dict.fromkeys(SlowKind, 0.0)
        self.ended = dict.fromkeys(SlowKind, 0)
        self.most = 0
        self._poll = select.poll()

    def step(self) -> None:
        """Open what is missing, drip, and see who was ended."""
        present = [one.kind for one in self.here.values()]
        missing = [kind for kind in SlowKind for _ in range(self.each - present.count(kind))]
        random.shuffle(missing)
        for kind in missing[:AT_A_TIME]:
            with contextlib.suppress(OSError):  # refused: it comes again with the next step
                one = SlowClient(kind, self.port)
                self.here[one.socket.fileno()] = one
                self._poll.register(one.socket, 0 if kind is SlowKind.UNREAD else select.POLLIN)
        self.most = max(self.most, len(self.here))
        for one in self.here.values():
            one.drip()
        for number, _ in self._poll.poll(STEP_SECONDS * 1000):
            if self.here[number].ended():
                self._end(number)

    def _end(self, number: int) -> None:
        one = self.here.pop(number)
        self._poll.unregister(number)
        self.longest[one.kind] = max(self.longest[one.kind], one.age)
        self.ended[one.kind] += 1
        one.socket.close()

    def close(self) -> dict[str, object]:
        """End all of them; one that was still here has lived so long at least."""
        for one in self.here.values():
            self.longest[one.kind] = max(self.longest[one.kind], one.age)
            one.socket.close()
        return {"longest": self.longest, "ended": self.ended, "most": self.most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--each", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    os.nice(10)  # people who share this core are waiting for the server, and should not wait for us
    clients = SlowClients(options.port, options.each)
    until = time.monotonic() + options.seconds
    while time.monotonic() < until:
        began = time.monotonic()
        clients.step()
        time.sleep(max(0.0, STEP_SECONDS - (time.monotonic() - began)))
    print(json.dumps(clients.close()), flush=True)


if __name__ == "__main__":
    main()
