"""Books of a period in which every promise was kept, and hands that spoil one row of them."""

import zlib
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from evidence.books import Books, CallRow, DocumentRow, JournalRow, SubmissionRow, TaskRow, TokenRow
from quota.store import Period
from waitingroom.line.snapshot import bitmap

T0 = 1_800_000_000_000

TOKEN_MS = 600_000


def a_period(**changes: Any) -> Period:
    fields: dict[str, Any] = {
        "uid": "u1", "id": "demo", "programme": "pstq", "ordinal": 1, "state": "open", "paused": False,
        "suspended": False, "paused_at": None, "ended_at": None, "opens_at": T0, "closes_at": T0 + 10**8, "cap": 3,
        "held": 3, "accepted": 2, "calls_per_minute": 60, "most_live_tokens": 10, "token_seconds": 600,
        "accounts_created_before": None, "pay_days": 30, "notice": None, "clock": 900_000, "ticked_at": T0,
        "next_call": 0, "epoch": 2, "mark": 20, "version": 1, "person_key": "k",
    }  # fmt: skip
    return Period(**(fields | changes))


def called(key: int, number: int, state: str, clock: int, **changes: Any) -> TokenRow:
    """A token called at this service clock; here the room was never paused, so instants follow the clock."""
    fields: dict[str, Any] = {
        "id": key, "number": number, "state": state, "account": None, "call": clock // 1000,
        "called_at": T0 + clock, "called_clock": clock, "ends": clock + TOKEN_MS, "jti": f"j{key}",
    }  # fmt: skip
    return TokenRow(**(fields | changes))


def good_books() -> Books:
    """Ten joined, nine in two epochs; 1 left waiting; 2 submitted, 3 lapsed, 4 is parked, 5 submitted, 6 is live."""
    return Books(
        period=a_period(),
        entries=[
            JournalRow(1, T0 + 10, 0, "join", 1, 5),
            JournalRow(1, T0 + 10, 1, "join", 6, 6),
            JournalRow(1, T0 + 500, 0, "leave", 1, 1),
            JournalRow(2, T0 + 700_000, 0, "join", 11, 12),
            JournalRow(2, T0 + 700_001, 0, "restore", 4, 4),
        ],
        tokens=[
            TokenRow(id=1, number=1, state="left", ended_at=T0 + 500),
            called(2, 2, "used", 1_000, account=102, receipt="A", ended_at=T0 + 90_000),
            called(3, 3, "lapsed", 2_000, ended_at=T0 + 603_000),
            called(
                4, 5, "used", 3_000, account=105, receipt="B", ended_at=T0 + 700_000, ends=3_000 + 900_000
            ),
            called(5, 6, "live", 650_000, account=106),
        ],
        calls=[
            CallRow(1, 1, 1_000, T0 + 990),
            CallRow(2, 1, 2_000, T0 + 1_990),
            CallRow(3, 1, 3_000, T0 + 2_990, zlib.compress(bitmap([4]))),
            CallRow(650, 1, 650_000, T0 + 650_000, zlib.compress(bitmap([4]))),
        ],
        submissions=[
            SubmissionRow(21, "A", 1, 2, 102, "p2"),
            SubmissionRow(22, "B", 2, 5, 105, "p5"),
        ],
        tasks=[
            TaskRow(31, 21, "confirmation", "done", T0 + 90_000),
            TaskRow(32, 21, "duplicate_scan", "staged", T0 + 90_000),
            TaskRow(33, 22, "confirmation", "staged", T0 + 700_000),
            TaskRow(34, 22, "duplicate_scan", "done", T0 + 700_000),
        ],
        documents=[DocumentRow("d1", 21, "confirmation"), DocumentRow("d0", 22, "of another kind")],
        factors={102: 1.0, 105: 1.5, 106: 1.0},
        makes={"confirmation": "confirmation", "duplicate_scan": ""},
    )


def altered(field: str, key: Any, **changes: Any) -> Callable[[Books], Books]:
    """The row of this id with these values instead."""

    def alter(books: Books) -> Books:
        rows = [replace(row, **changes) if row.id == key else row for row in getattr(books, field)]
        return replace(books, **{field: rows})

    return alter


def added(field: str, *rows: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, **{field: [*getattr(books, field), *rows]})


def without(field: str, key: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, **{field: [row for row in getattr(books, field) if row.id != key]})


def in_period(**changes: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, period=replace(books.period, **changes))
