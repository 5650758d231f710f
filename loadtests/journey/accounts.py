"""Whose accounts a crowd uses: a pattern of user names, and secrets they share. Read from a file, never from argv."""

import json
import sys
from pathlib import Path

import msgspec

from loadtests.journey.plan import PlannedPerson
from loadtests.journey.preparing import newcomer

NEWCOMER = "nouvelle-%06d"
"""The user name of a newcomer of a rehearsal."""


class AccountPattern(msgspec.Struct, frozen=True):
    """The accounts of a crowd: a pattern such as `foule-%05d`, counted from `first`; all share their secrets.

    The object `accounts` of the demo's READY line is one.
    """

    username: str
    password: str
    answers: tuple[str, ...]
    first: int = 1
    count: int = 0
    """How many there are; 0 when nobody has counted."""
    newcomers: tuple[int, ...] = ()
    """Which of them, from 0, were made by their owners, with names and secrets of their own."""

    def person(self, index: int) -> PlannedPerson:
        if index in self.newcomers:
            return newcomer(NEWCOMER % index)
        return PlannedPerson(self.username % (self.first + index), self.password, self.answers)


def read_accounts(source: str) -> AccountPattern:
    """From a JSON file, or from standard input for `-`. Raises SystemExit with a sentence when that cannot be."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return msgspec.convert(json.loads(text), AccountPattern)
    except (OSError, ValueError) as problem:
        raise SystemExit(f"the crowd's accounts cannot be read from {source}: {problem}") from None
