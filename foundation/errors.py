"""The expected "no" of every package: a refusal is a value with a stable code."""

from typing import Any


class Refusal(Exception):
    """An expected "no". `code` is one of the codes of `docs/contract.md`; `fields` go into the answer as they are.

    Text, reason and remedy live in one table (`server/refusals.toml`), never here.
    """

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


class Unavailable(Refusal):
    """A store did not answer in time. Nothing was lost; the same request may be repeated (fails closed)."""

    def __init__(self, store: str, retry_after: int = 2) -> None:
        super().__init__("unavailable", store=store, retry_after=retry_after)


class Stale(Exception):
    """The line in Redis or the period's row is of another epoch than the caller's: read again, maybe rebuild."""
