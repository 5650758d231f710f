"""A proxy between a browser and the service, as an antivirus, an office or a hotel puts one there: it swallows or keeps
what WebSockets carry, and leaves questions without an answer."""

import asyncio
import contextlib
import re
import time
from collections.abc import Coroutine
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self

LIVE: Final = "/live"

POLL: Final = "/tickets/me"


class Sockets(StrEnum):
    """What becomes of WebSockets on their way."""

    PASSED = "passed"
    """Everything arrives at once."""
    UNANSWERED = "unanswered"
    """The handshake is never answered, and never refused."""
    SWALLOWED = "swallowed"
    """The handshake is answered; nothing that the service sends arrives."""
    KEPT = "kept"
    """What the service sends arrives in bulk, `KEPT_SECONDS` later."""


KEPT_SECONDS: Final = 20.0


class FaultyProxy:
    """For `async with`; one request a connection. Passes everything until told otherwise."""

    def __init__(self, port: int) -> None:
        self.upstream = port
        self.port = 0
        self.sockets = Sockets.PASSED
        self.unanswered = 0
        """So many of the next polls get no answer."""
        self.cut = False
        """Every connection ends as soon as it is made."""
        self.asked: list[tuple[float, str]] = []
        """When (monotonic) which address was asked for."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def polls(self) -> list[float]:
        """When somebody asked where they stand."""
        return [at for at, path in self.asked if path.endswith(POLL)]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                if not self.cut:
                    await self._pass(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode().split("?")[0]
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        self.asked.append((time.monotonic(), path))
        live = path.endswith(LIVE)
        if path.endswith(POLL) and self.unanswered:
            self.unanswered -= 1
            await reader.read()  # until the other side has had enough
            return
        if live and self.sockets == Sockets.UNANSWERED:
            await reader.read()
            return
        service, sending = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            sending.write(
                head if live else re.sub(rb"(?i)\r\nconnection: [^\r]*", b"\r\nConnection: close", head)
            )
            sending.write(body)
            back = self._back(service, writer) if live else self._pump(service, writer)
            await _first(self._pump(reader, sending) if live else reader.read(), back)
        finally:
            sending.close()

    async def _back(self, service: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await service.readuntil(b"\r\n\r\n"))
        if self.sockets == Sockets.PASSED:
            return await self._pump(service, writer)
        kept, began = b"", time.monotonic()
        while chunk := await service.read(65536):
            kept += chunk
            if self.sockets == Sockets.KEPT and time.monotonic() - began > KEPT_SECONDS:
                writer.write(kept)
                kept, began = b"", time.monotonic()
        return None

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()


async def _first(*works: Coroutine[Any, Any, object]) -> None:
    """Until one of them ends; the others end with it."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
