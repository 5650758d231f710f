"""Slow lines: an arrival over one in a real browser, and a line that counts what passes."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from playwright.async_api import Page

BITS_A_SECOND: Final = 56_000

ROUND_TRIP_MS: Final = 600

MOST_SECONDS: Final = 8.0
"""From the address typed to a number on the screen, over such a line."""

PAINTED = """selector => {
    const part = document.querySelector(selector);
    const painted = performance.getEntriesByName("first-contentful-paint").length > 0;
    return painted && !!part && part.getClientRects().length > 0;
}"""
"""What stands in the page is on the screen once the browser has painted: not before it has the style."""


async def throttle(page: Page) -> None:
    """From here on this page's requests go over such a line, both ways. The browser emulates it above its connections:
    what TCP and TLS ask of a line before the first request is not in it, nor are WebSockets."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    rate = BITS_A_SECOND / 8
    await session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": rate,
            "uploadThroughput": rate,
        },
    )


async def arrive(page: Page, address: str, seconds: float = 60.0) -> float:
    """Seconds from the address typed to a number on the screen, with the button pressed as soon as it is there."""
    began = time.monotonic()
    await page.goto(address, wait_until="commit")
    await painted(page, "form[data-join] button", seconds)
    await page.locator("form[data-join] button").click(no_wait_after=True)
    await painted(page, ".ticket__number", seconds)
    return time.monotonic() - began


async def painted(page: Page, selector: str, seconds: float) -> None:
    """Until this is on the screen; with scripts or without, while the page is exchanged for another."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):  # the page went while it was asked
            if await page.evaluate(PAINTED, selector):
                return
        await asyncio.sleep(0.02)
    raise AssertionError(f"after {seconds:.0f} s not on the screen: {selector}")


class Passed(NamedTuple):
    """Bytes over a line, of HTTP and WebSockets alone: what the service sent, what the browser sent."""

    down: int = 0
    up: int = 0

    def since(self, before: "Passed") -> "Passed":
        return Passed(self.down - before.down, self.up - before.up)


class CountedLine:
    """What passed over it so far, and where a browser finds its near end."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.passed = Passed()


@asynccontextmanager
async def counted_line(port: int) -> AsyncIterator[CountedLine]:
    """A line to the service on this port, as fast as this machine."""
    works: set[asyncio.Task[None]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        work = asyncio.current_task()
        assert work
        works.add(work)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            service, sending = await asyncio.open_connection("127.0.0.1", port)
            async with asyncio.TaskGroup() as both:
                both.create_task(pump(reader, sending, False))
                both.create_task(pump(service, writer, True))
        works.discard(work)

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, down: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                of = line.passed
                line.passed = Passed(of.down + len(chunk) * down, of.up + len(chunk) * (not down))
                writer.write(chunk)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    line = CountedLine(server.sockets[0].getsockname()[1])
    try:
        yield line
    finally:
        server.close()
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
