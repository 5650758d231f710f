"""The register as a CSV file: its rows as values, or what is wrong with them by line and column."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from accounts.bulk_import import csv_files
from accounts.bulk_import.csv_files import AccountFileError, FileProblem, FileRow
from accounts.identities import iso_date
from accounts.normalisation import folded, visible
from accounts.representatives.register.standing import ConsultantStatus, RegisterEntry, number_of

COLUMNS: Final = ("number", "name", "status", "valid_from", "valid_to")
"""What the first line names, in any order."""

LONGEST_NUMBER, LONGEST_NAME = 40, 200

STATUSES: Final = {
    "recognised": ConsultantStatus.RECOGNISED, "recognized": ConsultantStatus.RECOGNISED,
    "reconnu": ConsultantStatus.RECOGNISED, "reconnue": ConsultantStatus.RECOGNISED,
    "suspended": ConsultantStatus.SUSPENDED, "suspendu": ConsultantStatus.SUSPENDED,
    "suspendue": ConsultantStatus.SUSPENDED,
    "revoked": ConsultantStatus.REVOKED, "revoque": ConsultantStatus.REVOKED, "revoquee": ConsultantStatus.REVOKED,
}  # fmt: skip
"""What a file may say, without case and accents."""


class RegisterFile(msgspec.Struct, frozen=True):
    """What was read of a file; with one problem nothing of it is imported."""

    entries: dict[str, RegisterEntry]
    problems: list[FileProblem]
    notes: list[FileProblem]
    rows: int


def read_register(path: Path) -> RegisterFile:
    """The register in a file. Raises AccountFileError for one of which nothing can be read, and OSError for no file."""
    content = csv_files.read(path, COLUMNS, COLUMNS, lambda name: None)
    entries: dict[str, RegisterEntry] = {}
    lines: dict[str, int] = {}
    problems = list(content.problems)
    for row in content.rows:
        entry, wrong = _entry(row)
        problems += [FileProblem(row.line, one) for one in wrong]
        if entry is None:
            continue
        if entry.number in lines:
            before = lines[entry.number]
            problems.append(FileProblem(row.line, f"number: it is that of line {before} too."))
            continue
        lines[entry.number], entries[entry.number] = row.line, entry
    return RegisterFile(entries, problems, content.notes, len(content.rows) + len(content.problems))


def refuse(path: Path, file: RegisterFile) -> None:
    """All or nothing: raises AccountFileError with every problem, as far as they are shown."""
    if file.problems:
        refused = len({problem.line for problem in file.problems})
        problems = csv_files.told(path, file.problems)
        raise AccountFileError(
            f"{problems}\nNothing was imported: {refused} of {file.rows} rows are refused."
        )


def _entry(row: FileRow) -> tuple[RegisterEntry | None, list[str]]:
    """A row as a value, or everything that is wrong with it, each with its column."""
    cells = {name: visible(row.cells.get(name, "")) for name in COLUMNS}
    number, status = number_of(cells["number"]), STATUSES.get(folded(cells["status"]))
    days = {name: iso_date(cells[name]) for name in ("valid_from", "valid_to")}
    wrong = [f"{name}: {why}" for name, why in _problems(cells, number, status, days).items()]
    first, last = days["valid_from"], days["valid_to"]
    if wrong or status is None or first is None or last is None:
        return None, wrong
    return RegisterEntry(
        number=number, name=cells["name"], status=status, valid_from=first, valid_to=last
    ), []


def _problems(
    cells: Mapping[str, str],
    number: str,
    status: ConsultantStatus | None,
    days: Mapping[str, date | None],
) -> dict[str, str]:
    found: dict[str, str] = {}
    if not number or len(number) > LONGEST_NUMBER:
        found["number"] = f"it has 1 to {LONGEST_NUMBER} letters and digits."
    if not cells["name"] or len(cells["name"]) > LONGEST_NAME:
        found["name"] = f"it has 1 to {LONGEST_NAME} characters."
    if status is None:
        found["status"] = "it is recognised, suspended or revoked."
    for name, day in days.items():
        if day is None:
            found[name] = "it is a date such as 2026-06-13."
    first, last = days["valid_from"], days["valid_to"]
    if first is not None and last is not None and last < first:
        found["valid_to"] = "it is before valid_from."
    return found
