"""Idempotency keys as the provider keeps them: the first answer is the answer, and another question is refused.

While the first is still at work, the same key is a conflict; after 24 hours it is forgotten. Only what was carried out
is kept: a question that was refused for its form may be asked again.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Final

from config.demo.card_provider.bank import ApiRefusal
from config.demo.card_provider.books import SandboxBooks

KEPT_SECONDS: Final = 86_400


class IdempotencyKeys:
    """The answers by key, in the provider's books."""

    def __init__(self, books: SandboxBooks, clock: Callable[[], float] = time.time) -> None:
        self._books, self._clock = books, clock
        self._at_work: set[str] = set()

    async def once(self, key: str | None, asked: bytes, work: Callable[[], Awaitable[str]]) -> str:
        """The answer of `work`, once a key. ApiRefusal: 409 while it works, and the same key with another question."""
        if not key:
            return await work()
        digest, kept = hashlib.sha256(asked).hexdigest(), self._books.find(f"key:{key}", "key")
        if key in self._at_work:
            raise ApiRefusal("idempotency_key_in_use", 409)
        if kept is not None and kept["until"] > self._clock():
            if kept["asked"] != digest:
                raise ApiRefusal("idempotency_error")
            return str(kept["body"])
        self._at_work.add(key)
        try:
            body = await work()
        finally:
            self._at_work.discard(key)
        until = self._clock() + KEPT_SECONDS
        self._books.keep({"id": f"key:{key}", "object": "key", "asked": digest, "body": body, "until": until})
        return body
