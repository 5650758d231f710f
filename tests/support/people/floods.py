"""A flood: many connections that ask as fast as they are answered, and write down every answer."""

import asyncio
import json
import secrets
import time
from collections import Counter
from typing import NamedTuple

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

ANSWER_SECONDS = 30.0
"""Whoever hears nothing for so long has been left hanging."""


class Answered(NamedTuple):
    """One answer: status, whether it says when to come back, the number it gives, and how long it took (seconds)."""

    status: int
    retry_after: bool
    number: int | None
    seconds: float


def join(host: str, period: str) -> bytes:
    """A join by somebody new."""
    head = f"POST /api/v1/periods/{period}/tickets HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n"
    return f"{head}Idempotency-Key: {secrets.token_hex(16)}\r\nContent-Length: 2\r\n\r\n{{}}".encode()


def page(host: str, period: str) -> bytes:
    """A look at the room's page, by somebody new too."""
    return f"GET /periodes/{period} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n\r\n".encode()


async def read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """One answer. IncompleteReadError when the connection ends before it does."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return int(head[0].split(" ")[1]), headers, body


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
) -> tuple[Answered, dict[str, str]]:
    """One request. TimeoutError after 30 s: that is what overload must never come to."""
    began = time.monotonic()
    writer.write(request)
    async with asyncio.timeout(ANSWER_SECONDS):
        status, headers, body = await read(reader)
    is_number = status in (200, 201) and headers.get("content-type") == "application/json"
    number = int(json.loads(body)["number"]) if is_number else None
    return Answered(status, "retry-after" in headers, number, time.monotonic() - began), headers


async def stand(port: int, period: str, until: float, nth: int, found: list[Answered]) -> None:
    """One connection of a flood: joins, and every other one looks at pages; opened again whenever it is closed."""
    make = join if nth % 2 else page
    while time.monotonic() < until:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            closed = False
            while time.monotonic() < until and not closed:
                answered, headers = await ask(reader, writer, make(f"127.0.0.1:{port}", period))
                found.append(answered)
                closed = headers.get("connection") == "close"
        finally:
            writer.close()


async def flood(port: int, period: str, connections: int, seconds: float) -> list[Answered]:
    """Every answer to so many connections in so much time."""
    found: list[Answered] = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(stand(port, period, until, nth, found) for nth in range(connections)))
    return found


def judge(found: list[Answered], given: int) -> Counter[int]:
    """Fails unless every answer is one that overload may have, and every number was given to one person.

    `given` is how many numbers the line says it gave. How often each status came.
    """
    statuses = Counter(one.status for one in found)
    assert set(statuses) <= {200, 201, 429, 503}, statuses
    assert all(one.retry_after for one in found if one.status in (429, 503)), (
        "when to come back is always said"
    )
    numbers = [one.number for one in found if one.number is not None]
    assert len(numbers) == len(set(numbers)) == statuses[201]
    assert sorted(numbers) == list(range(1, given + 1)), "every number given was acknowledged, and none twice"
    return statuses
