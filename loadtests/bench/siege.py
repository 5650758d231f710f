"""Connections that mean no good, by the hundred of each kind, and how long a server keeps them.

    silent      connect, and say nothing
    heads       a header that comes a byte a second
    bodies      a body that comes a byte a second
    unread      ask for more than a connection holds, and read nothing

Whatever is ended is opened again, so that there are always as many. A process of its own, so that it takes no time
from those who come honestly: `python -m loadtests.hostile PORT --each 500 --seconds 30`. It prints one line of JSON.
"""

import argparse
import contextlib
import json
import os
import random
import select
import socket
import time
from typing import Final

KINDS: Final = ("silent", "heads", "bodies", "unread")

SESSION: Final = "POST /api/v1/session HTTP/1.1\r\nHost: guichet\r\nContent-Type: application/json\r\n"

FILE: Final = "GET /openapi.json HTTP/1.1\r\nHost: guichet\r\n\r\n"

BEGINNINGS: Final = {
    "silent": "",
    "heads": "GET / HTTP/1.1\r\nHost: guichet\r\nX-Slow: ",
    "bodies": f"{SESSION}Content-Length: 2000\r\n\r\n{{",
    "unread": FILE * 8,
}
"""What each says at once. Eight files are three times what a connection holds that nobody reads."""

STEP_SECONDS: Final = 0.02

AT_A_TIME: Final = 5
"""Opened in one step: 250 a second, evenly, so that beginning is not a flood of its own and nobody who shares the core
with this process waits long for it."""


class Bad:
    """One of them."""

    def __init__(self, kind: str, port: int) -> None:
        self.kind = kind
        self.socket = socket.socket()
        if kind == "unread":
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
        if self.kind in ("heads", "bodies") and time.monotonic() - self.dripped >= 1:
            self.dripped = time.monotonic()
            self.say(b"a")

    def ended(self) -> bool:
        """Something has come: was it the end? Who does not read is told of nothing else."""
        if self.kind == "unread":
            return True
        try:
            return not self.socket.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True


class HostileSiege:
    """All of them, and the longest that one of each kind was kept."""

    def __init__(self, port: int, each: int) -> None:
        self.port, self.each = port, each
        self.here: dict[int, Bad] = {}
        self.longest = dict.fromkeys(KINDS, 0.0)
        self.ended = dict.fromkeys(KINDS, 0)
        self.most = 0
        self._poll = select.poll()

    def step(self) -> None:
        """Open what is missing, drip, and see who was ended."""
        present = [bad.kind for bad in self.here.values()]
        missing = [kind for kind in KINDS for _ in range(self.each - present.count(kind))]
        random.shuffle(missing)
        for kind in missing[:AT_A_TIME]:
            with contextlib.suppress(OSError):  # refused: it comes again with the next step
                bad = Bad(kind, self.port)
                self.here[bad.socket.fileno()] = bad
                self._poll.register(bad.socket, 0 if kind == "unread" else select.POLLIN)
        self.most = max(self.most, len(self.here))
        for bad in self.here.values():
            bad.drip()
        for number, _ in self._poll.poll(STEP_SECONDS * 1000):
            if self.here[number].ended():
                self._end(number)

    def _end(self, number: int) -> None:
        bad = self.here.pop(number)
        self._poll.unregister(number)
        self.longest[bad.kind] = max(self.longest[bad.kind], bad.age)
        self.ended[bad.kind] += 1
        bad.socket.close()

    def close(self) -> dict[str, object]:
        """End all of them; whoever was still here has lived so long at least."""
        for bad in self.here.values():
            self.longest[bad.kind] = max(self.longest[bad.kind], bad.age)
            bad.socket.close()
        return {"longest": self.longest, "ended": self.ended, "most": self.most}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--each", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    os.nice(10)  # people who share this core are waiting for the server, and should not wait for us
    siege = HostileSiege(options.port, options.each)
    until = time.monotonic() + options.seconds
    while time.monotonic() < until:
        began = time.monotonic()
        siege.step()
        time.sleep(max(0.0, STEP_SECONDS - (time.monotonic() - began)))
    print(json.dumps(siege.close()), flush=True)


if __name__ == "__main__":
    main()
