"""Thousands of live sockets in one process: raw WebSocket, light enough that the server is what is measured.

A process of its own, told what to do over its stdin, one word a line, and answering each with one line of JSON:

    open N      opens sockets for the next N tickets (or without any) and waits for their first frames
    measure S   counts for S seconds: frames, bytes, bursts, and how old the shown positions are
    positions   number, state, `ahead` of each socket's last frame
    until WORD  waits until every socket's last frame is in this state, or was closed
    closed      waits until every socket was closed
    stop        ends

A process may hold some 20,000 sockets; each `--source` is a loopback address of its own, so that ports suffice.
"""

import argparse
import asyncio
import base64
import secrets
import socket
import sys
import time
from collections import Counter
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import uvloop

from loadtests.people.addresses import BIND_ADDRESS_NO_PORT

TOGETHER: Final = 300
"""Handshakes under way at once: the listen queue is no part of what is measured."""

OPEN_SECONDS: Final = 300.0

SAMPLE_SECONDS: Final = 0.2

BURST_GAP_SECONDS: Final = 0.15
"""Frames that come closer together than this are of one fan-out."""

AS_OF: Final = b'"as_of":"'


class WatcherCommand(StrEnum):
    """The first word of a line on stdin."""

    OPEN = "open"
    MEASURE = "measure"
    POSITIONS = "positions"
    UNTIL = "until"
    CLOSED = "closed"
    STOP = "stop"


TEXT, CLOSE, PING = 0x81, 0x88, 0x89


class ShownPosition(msgspec.Struct):
    """What a check looks at in a frame."""

    number: int
    state: str
    ahead: int


class Socket(asyncio.Protocol):
    """One connection: the handshake, then the last frame and nothing before it."""

    __slots__ = ("crowd", "frame", "head", "opened", "ready", "rest", "transport", "wants_frame")

    def __init__(self, crowd: "WatcherCrowd", head: bytes, wants_frame: bool) -> None:
        """Ready with the first frame, or when it is open already."""
        self.crowd, self.head, self.wants_frame = crowd, head, wants_frame
        self.ready: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()
        self.opened = False
        self.rest = self.frame = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.head)

    def data_received(self, data: bytes) -> None:
        self.crowd.bytes += len(data)
        if self.rest:
            data = self.rest + data
        at = 0
        if not self.opened:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self.rest = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.crowd.refused(self, data)
                return
            self.opened = True
            self.head = b""
            self.crowd.handshakes += 1
            if not self.wants_frame:
                self.be_ready()
            at = end + 4
        self.rest = self._frames(data, at)

    def _frames(self, data: bytes, at: int) -> bytes:
        """Takes each whole frame and gives back what is left."""
        size = len(data)
        while size - at >= 2:
            kind, length, begin = data[at], data[at + 1], at + 2
            if length == 126:
                if size - at < 4:
                    break
                length, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            if size < begin + length:
                break
            at = begin + length
            if kind == TEXT:
                self.crowd.came(self, data[begin:at])
            elif kind == PING:
                self._pong(data[begin:at])
            elif kind == CLOSE:
                self.crowd.closed[int.from_bytes(data[begin : begin + 2], "big")] += 1
                if self.transport is not None:
                    self.transport.write(b"\x88\x82\0\0\0\0" + data[begin : begin + 2])
        return data[at:]

    def _pong(self, said: bytes) -> None:
        if self.transport is not None:  # a mask of zeros is a mask
            self.transport.write(bytes((0x8A, 0x80 | len(said))) + b"\0\0\0\0" + said)

    def be_ready(self) -> None:
        if self.ready is not None and not self.ready.done():
            self.ready.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.lost(self)


class WatcherCrowd:
    """All sockets of this process, and what came over them."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.host, self.port, self.path = options.host, options.port, options.path
        self.source = options.source
        self.tickets: list[str] = []
        if options.tickets is not None:
            self.tickets = options.tickets.read_text().split()
        self.sockets: list[Socket] = []
        self.closed: Counter[int] = Counter()
        self.gone = self.handshakes = self.heard = self.frames = self.bytes = 0
        self.trouble = b""
        self.bursts: list[tuple[float, float, int]] = []
        self._instants: dict[bytes, float] = {}

    # -- what comes --------------------------------------------------------------------------------------------------

    def came(self, socket: Socket, frame: bytes) -> None:
        if not socket.frame:
            self.heard += 1
            socket.be_ready()
        socket.frame = frame
        self.frames += 1
        now = time.perf_counter()
        if self.bursts and now - self.bursts[-1][1] < BURST_GAP_SECONDS:
            began, _, count = self.bursts[-1]
            self.bursts[-1] = began, now, count + 1
        else:
            self.bursts.append((now, now, 1))

    def refused(self, socket: Socket, answer: bytes) -> None:
        self.trouble = self.trouble or answer[:300]
        socket.be_ready()

    def lost(self, socket: Socket) -> None:
        self.gone += 1
        socket.transport = None
        socket.be_ready()

    # -- what is asked -----------------------------------------------------------------------------------------------

    def head(self, ticket: str) -> bytes:
        shown = f"Authorization: Bearer {ticket}\r\n" if ticket else ""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{shown}\r\n"
        ).encode()

    async def open(self, many: int) -> dict[str, Any]:
        """One socket a ticket. Ends when each has shown its first frame; bare ones when they are open."""
        began = time.perf_counter()
        opened = len(self.sockets)
        waiting = iter(self.tickets[opened : opened + many] if self.tickets else [""] * many)
        async with asyncio.timeout(OPEN_SECONDS), asyncio.TaskGroup() as group:
            for _ in range(TOGETHER):
                group.create_task(self._open_some(waiting))
        return self.counts() | {"seconds": time.perf_counter() - began}

    async def _open_some(self, waiting: Any) -> None:
        loop = asyncio.get_running_loop()
        for ticket in waiting:
            if self.trouble:
                return
            handle = await self._connect()
            _, made = await loop.create_connection(
                partial(Socket, self, self.head(ticket), bool(ticket)), sock=handle
            )
            self.sockets.append(made)
            if made.ready is not None:
                await made.ready
                made.ready = None

    async def _connect(self) -> socket.socket:
        handle = socket.socket()
        handle.setblocking(False)
        if self.source:
            handle.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
            handle.bind((self.source, 0))
        await asyncio.get_running_loop().sock_connect(handle, (self.host, self.port))
        return handle

    async def measure(self, seconds: float) -> dict[str, Any]:
        """Frames and their bursts over so long; ages are sampled over all sockets, again and again."""
        self.bursts = []
        frames, ages, until = self.frames, Counter[int](), time.perf_counter() + seconds
        size = self.bytes
        while time.perf_counter() < until:
            await asyncio.sleep(SAMPLE_SECONDS)
            self._sample(ages)
        rates = [
            count / (last - first) for first, last, count in self.bursts if count > len(self.sockets) / 2
        ]
        return self.counts() | {
            "frames": self.frames - frames,
            "bytes": self.bytes - size,
            "bursts": rates,
            "age_ms": {
                name: percentile(ages, part) for name, part in (("p50", 0.5), ("p99", 0.99), ("most", 1.0))
            },
        }

    def _sample(self, ages: "Counter[int]") -> None:
        now, known = time.time(), self._instants
        for one in self.sockets:
            at = one.frame.find(AS_OF)
            if at < 0:
                continue
            text = one.frame[at + 9 : at + 33]
            instant = known.get(text)
            if instant is None:
                instant = known[text] = datetime.fromisoformat(text.decode()).timestamp()
            ages[round((now - instant) * 1000)] += 1
        if len(known) > 10_000:
            known.clear()

    def positions(self) -> dict[str, Any]:
        shown = [msgspec.json.decode(one.frame, type=ShownPosition) for one in self.sockets if one.frame]
        return self.counts() | {"positions": [(one.number, one.state, one.ahead) for one in shown]}

    async def until(self, state: str) -> dict[str, Any]:
        word, began = f'"state":"{state}"'.encode(), time.time()
        async with asyncio.timeout(OPEN_SECONDS):
            while not all(word in one.frame or one.transport is None for one in self.sockets):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        told = sum(word in one.frame for one in self.sockets)
        return self.counts() | {"told": told, "at": time.time(), "seconds": time.time() - began}

    async def all_closed(self) -> dict[str, Any]:
        async with asyncio.timeout(OPEN_SECONDS):
            while self.gone < len(self.sockets):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return self.counts() | {"at": time.time()}

    def counts(self) -> dict[str, Any]:
        return {
            "sockets": self.handshakes - self.gone,
            "heard": self.heard,
            "closed": {str(code): count for code, count in self.closed.items()},
            "trouble": self.trouble.decode(errors="replace"),
        }


def percentile(counts: "Counter[int]", part: float) -> int | None:
    """The value below which this part lies; None of nothing."""
    left = part * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


async def obey(crowd: WatcherCrowd) -> None:
    """Does what stdin says, a line at a time."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word, *rest = line.split()
        if word == WatcherCommand.OPEN:
            answer = await crowd.open(int(rest[0]))
        elif word == WatcherCommand.MEASURE:
            answer = await crowd.measure(float(rest[0]))
        elif word == WatcherCommand.POSITIONS:
            answer = crowd.positions()
        elif word == WatcherCommand.UNTIL:
            answer = await crowd.until(rest[0])
        elif word == WatcherCommand.CLOSED:
            answer = await crowd.all_closed()
        else:
            return
        print(msgspec.json.encode(answer).decode(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/api/v1/periods/demo/live")
    parser.add_argument("--source", default="", help="an address of this machine to connect from")
    parser.add_argument("--tickets", type=Path)
    uvloop.run(obey(WatcherCrowd(parser.parse_args())))


if __name__ == "__main__":
    main()
