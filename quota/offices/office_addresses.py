"""Where the ministry's offices are, by what they are for and by date: who writes, and where things go by post (DC-07).

One file beside the programmes, `offices/offices.toml`, has all of them; nothing else in the service writes an address
of the ministry down. Whatever is filed or sent keeps the address of its day.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from foundation.calendar.effect import DatesOfEffect

OFFICES = Path("offices") / "offices.toml"
"""The file, in the folder of the programmes."""


class OfficeError(Exception):
    """The file of offices cannot be used. The message names the file, the table and the reason."""


class OfficeUse(StrEnum):
    """What an address is for."""

    LETTERS = "letters"
    """Whoever writes about files: the head of every letter, and of what goes back by post."""
    ACCOUNTS = "accounts"
    """Whoever writes about accounts, which are of no programme."""
    DOCUMENTS = "documents"
    """Where documents, procurations and forms on paper go."""
    PAYMENTS = "payments"
    """Where payments by post go."""
    REMEDIES = "remedies"
    """Where a decision is asked to be looked at again."""


Line = Annotated[str, Meta(min_length=1, max_length=120)]


class OfficeAddress(DatesOfEffect, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address, as on an envelope. Without `programmes` it is that of all of them; one that names a programme comes
    before. `sample`: nobody's, as pages say that show it."""

    uses: Annotated[tuple[OfficeUse, ...], Meta(min_length=1)]
    programmes: tuple[Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")], ...] = ()
    lines: Annotated[tuple[Line, ...], Meta(min_length=2, max_length=8)]
    source: Line
    sample: bool = False


def office(rows: Iterable[OfficeAddress], use: OfficeUse, day: date) -> OfficeAddress | None:
    """The address for a use that is in force on a day: one of the programme's own before one of all. Pure."""
    found = [one for one in rows if use in one.uses and one.is_in_force(day)]
    return next((one for one in found if one.programmes), found[0] if found else None)


def load_offices(folder: Path) -> tuple[OfficeAddress, ...]:
    """The addresses of a folder of programmes; none where it has no such file. Raises OfficeError."""
    path = folder / OFFICES
    if not path.exists():
        return ()
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise OfficeError(f"{path}: cannot be read as TOML in UTF-8 ({problem}).") from problem
    if set(content) != {"offices"} or not isinstance(content["offices"], list):
        raise OfficeError(f"{path}: has [[offices]] tables and nothing else.")
    rows = tuple(_row(path, place, one) for place, one in enumerate(content["offices"], 1))
    for place, row in enumerate(rows, 1):
        if (fault := _fault(row, rows[: place - 1])) is not None:
            raise OfficeError(f"{path}: offices, table {place}: {fault}.")
    return rows


def of_programme(rows: Iterable[OfficeAddress], programme: str) -> tuple[OfficeAddress, ...]:
    """The addresses of one programme: its own, and those of all. Pure."""
    return tuple(one for one in rows if not one.programmes or programme in one.programmes)


def _row(path: Path, place: int, content: Mapping[str, object]) -> OfficeAddress:
    try:
        return msgspec.convert(content, OfficeAddress)
    except msgspec.ValidationError as problem:
        raise OfficeError(f"{path}: offices, table {place}: {problem}.") from problem


def _fault(row: OfficeAddress, before: Iterable[OfficeAddress]) -> str | None:
    if row.since and row.until and row.since > row.until:
        return "since is after until: it is never in force"
    for other in before:
        for use in row.uses:
            is_for_the_same = set(row.programmes) & set(other.programmes) or not (
                row.programmes or other.programmes
            )
            if use in other.uses and is_for_the_same and row.meets(other):
                return f"two addresses of {use} are in force on one day"
    return None
