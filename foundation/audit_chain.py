"""The hash chain of the audit: how a line is hashed, and what a reader finds when one was changed (P16, ADR 0017).
Pure.

Each line carries the hash of the line before it in its stream. So no line can be altered, taken out, put in or moved
without a break that shows, unless everything after it is hashed anew: a head that was kept elsewhere shows that
too.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

GENESIS = "0" * 64
"""What the first line of a stream carries as the hash before it."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line as it is stored: `before`, `after` and `detail` are JSON texts, `at` is an instant."""

    sequence: int
    at: int
    actor: str
    role: str | None
    act: str
    subject_kind: str | None
    subject_id: str | None
    before: str | None
    after: str | None
    reason: str | None
    detail: str
    previous: str
    hash: str


class ChainPosition(msgspec.Struct, frozen=True):
    """A line of a stream by its place, 1..n, and its hash; 0 and GENESIS stand before the first."""

    sequence: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


class Damage(StrEnum):
    """What is wrong with a chain at one place."""

    ALTERED = "altered"
    """What the line says is not what was hashed."""
    MISSING = "missing"
    """Lines that were written are not there."""
    OUT_OF_ORDER = "out of order"
    """The line does not follow the one before it: something was put in, moved, or taken out and the rest renumbered."""


class ChainBreak(msgspec.Struct, frozen=True):
    """Where a chain breaks: from which line to which, and what is wrong."""

    damage: Damage
    first: int
    last: int

    def __str__(self) -> str:
        lines = f"line {self.first}" if self.first == self.last else f"lines {self.first} to {self.last}"
        return f"{lines}: {self.damage}"


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the canonical encoding: the JSON array of what the line says in the order of its fields, without
    `sequence` and `hash`, in UTF-8 and without spaces. Where a line stands is said by the hash it carries."""
    said = [
        entry.at,
        entry.actor,
        entry.role,
        entry.act,
        entry.subject_kind,
        entry.subject_id,
        entry.before,
        entry.after,
        entry.reason,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


class ChainReader:
    """Reads a stream line by line, from an anchor on, and gathers its breaks."""

    def __init__(self, anchor: ChainPosition) -> None:
        self.last = anchor
        self.breaks: list[ChainBreak] = []

    def read(self, entries: Iterable[AuditEntry]) -> None:
        """Go on with these lines, in the order of their places."""
        for entry in entries:
            expected = self.last.sequence + 1
            if entry.sequence > expected:
                self._found(Damage.MISSING, expected, entry.sequence - 1)
            elif entry.previous != self.last.hash:
                self._found(Damage.OUT_OF_ORDER, entry.sequence)
            if digest(entry) != entry.hash:
                self._found(Damage.ALTERED, entry.sequence)
            self.last = ChainPosition(entry.sequence, entry.hash)

    def close(self, head: ChainPosition) -> list[ChainBreak]:
        """Compare with the head that was kept beside the lines; every break of the stream."""
        if self.last.sequence < head.sequence:
            self._found(Damage.MISSING, self.last.sequence + 1, head.sequence)
        elif self.last.sequence > head.sequence:
            self._found(Damage.OUT_OF_ORDER, head.sequence + 1, self.last.sequence)
        elif self.last.hash != head.hash:
            self._found(Damage.ALTERED, head.sequence)
        return self.breaks

    def _found(self, damage: Damage, first: int, last: int | None = None) -> None:
        self.breaks.append(ChainBreak(damage, first, first if last is None else last))
