"""The record as CSV for a spreadsheet: semicolons, UTF-8 with its mark, and no cell that is run as a formula. Pure.

Semicolons because a spreadsheet in French reads commas as decimals; the mark because without it accents are guessed.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any

import msgspec

from console.record.entries import RecordedAct
from console.record.words import act_words
from foundation.clock import rfc3339
from server.rendering.templating import clocktime, weekday

SEPARATOR = ";"

MARK = "\ufeff"

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""How a text begins that some spreadsheet takes for a formula or a command."""

COLUMNS = (
    "id", "stream", "sequence", "at", "montreal", "actor", "role", "act", "act_fr", "period", "subject_kind",
    "subject_id", "before", "after", "reason", "detail", "hash",
)  # fmt: skip


def header() -> str:
    """The first line, with the mark before it."""
    return MARK + line(COLUMNS)


def lines(entries: Iterable[RecordedAct]) -> str:
    """These lines of the record."""
    return "".join(line(_cells(entry)) for entry in entries)


def _cells(entry: RecordedAct) -> list[str]:
    values: dict[str, Any] = msgspec.structs.asdict(entry)
    values |= {
        "at": rfc3339(entry.at),
        "montreal": f"{weekday(entry.at)}, {clocktime(entry.at)}",
        "act_fr": act_words(entry.act),
    }
    return [cell(values[name]) for name in COLUMNS]


def cell(value: Any) -> str:
    """A value as text. One that a spreadsheet would run is given an apostrophe, which it shows instead."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode() if value else ""
    text = str(value)
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(DANGEROUS) else text


def line(cells: Iterable[str]) -> str:
    """One line of cells that are texts already (`cell`)."""
    out = io.StringIO()
    csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
