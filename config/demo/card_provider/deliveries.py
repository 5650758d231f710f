"""Webhooks: signed as Stripe signs them, tried again as Stripe does, and late, twice or shuffled where that is told."""

import asyncio
import contextlib
import hmac
import json
import random
import time
from hashlib import sha256
from typing import Final

import aiohttp

from config.demo.card_provider.behaviour import Behaviour
from config.demo.card_provider.books import SandboxBooks, Shown

FIRST_AGAIN_SECONDS: Final = 1.0

LONGEST_AGAIN_SECONDS: Final = 30.0
"""The pause before another try doubles; the real provider goes on for three days, this one until it is ended."""

SHUFFLED_SECONDS: Final = 2.0
"""Out of order: each goes out at any moment of this span."""

AT_ONCE: Final = 16
"""Webhooks on their way at a time."""


def signature(body: bytes, secret: str, at: int) -> str:
    """The header `Stripe-Signature` of a body: HMAC-SHA256 over the instant, a dot and the body."""
    signed = hmac.new(secret.encode(), b"%d." % at + body, sha256).hexdigest()
    return f"t={at},v1={signed}"


class Deliveries:
    """Sends each event to one address until it is taken."""

    def __init__(self, to: str, secret: str, books: SandboxBooks, api_version: str) -> None:
        self._to, self._secret, self._books, self._version = to, secret, books, api_version
        self.behaviour = Behaviour()
        self.held: list[Shown] = []
        self._running: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    def happened(self, kind: str, about: Shown) -> None:
        """An event: written down, and on its way."""
        event = self._books.keep({
            "id": self._books.new_id("evt"), "object": "event", "type": kind, "api_version": self._version,
            "created": int(time.time()), "livemode": False, "data": {"object": dict(about)},
        })  # fmt: skip
        if self.behaviour.is_held:
            self.held.append(event)
        else:
            self.send(event)

    def send(self, event: Shown) -> None:
        """Send an event as the behaviour says."""
        behaviour = self.behaviour
        for _ in range(behaviour.times):
            wait = behaviour.late_ms / 1000
            if behaviour.is_shuffled:
                wait += random.uniform(0, SHUFFLED_SECONDS)  # noqa: S311  an order, no secret
            task = asyncio.create_task(self._deliver(event, wait))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def release(self) -> None:
        """Send what was held, the newest first."""
        held, self.held = self.held, []
        for event in reversed(held):
            self.send(event)

    async def quiet(self) -> None:
        """Wait until nothing is on its way."""
        while self._running:
            await asyncio.wait(list(self._running))

    async def close(self) -> None:
        """Send nothing any more."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _deliver(self, event: Shown, wait: float) -> None:
        body = json.dumps(event, ensure_ascii=False).encode()
        await asyncio.sleep(wait)
        again = FIRST_AGAIN_SECONDS
        while not await self._taken(body):
            await asyncio.sleep(again)
            again = min(2 * again, LONGEST_AGAIN_SECONDS)

    async def _taken(self, body: bytes) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        headers = {
            "Stripe-Signature": signature(body, self._secret, int(time.time())),
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._places, self._session.post(self._to, data=body, headers=headers) as answer:
                return answer.status < 300
        return False
