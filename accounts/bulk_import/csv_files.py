"""A CSV file as people's programs write it: which encoding, which separator, which line a row begins on. Pure but for
the reading of the bytes.

Personal information goes to SQL and nowhere else: what is wrong is said by line and column, never with what stands
there.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

import msgspec

from accounts.normalisation import folded, visible

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
"""What may stand between two columns; a semicolon is what Excel writes where the comma is in numbers."""

MOST_SHOWN = 20
"""Problems, and as many notes, that are shown of one file: more are corrected by somebody who has seen these."""

_LINE_END = re.compile(r"\r\n|\r|\n")

_SEPARATOR_LINE = re.compile(r'"?sep=(?P<separator>.)"?[,;\t]*', re.IGNORECASE)
"""What Excel writes above the header, and reads."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_SAVE_AGAIN = (
    "In Excel: Save As, « CSV UTF-8 (délimité par des virgules) »; elsewhere: iconv -f WINDOWS-1252 -t UTF-8"
)


class AccountFileError(Exception):
    """A file of accounts that is not imported. Its text names lines and columns, never what stands there."""


class FileProblem(msgspec.Struct, frozen=True):
    """One thing that is wrong in a file, or to be said of it, such as « line 3: answer-2 is empty. »"""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


class FileRow(msgspec.Struct, frozen=True):
    """A row: the line that it begins on, counted from 1, and what stands in it by column."""

    line: int
    cells: Mapping[str, str]


class CsvFile(msgspec.Struct, frozen=True):
    """What was read of a file: its columns and rows, what is wrong with some of them, and what is left out."""

    rows: list[FileRow]
    problems: list[FileProblem]
    notes: list[FileProblem]


def read(
    path: Path,
    known: Collection[str],
    required: Collection[str],
    refused: Callable[[str], str | None],
    instead: Mapping[str, str] = MappingProxyType({}),
) -> CsvFile:
    """The rows of a CSV file with a header. `known` are the columns that mean something, `required` those it must have,
    unless it has the column that stands `instead`. `refused` says why one that is not known may not be left out, if it
    may not.

    Raises AccountFileError for a file of which nothing can be read, and OSError for no file.
    """
    text = decoded(path, path.read_bytes())
    rest, separator, first_line = separated(path, text, known)
    rows, notes = [], []
    problems: list[FileProblem] = []
    records = _records(path, rest, separator, first_line)
    header_line, header = next(records, (first_line, []))
    columns = columns_of(header, known)
    needed = [name for name in required if instead.get(name) not in columns]
    if wrong := header_problems(columns, known, needed, refused):
        raise AccountFileError(told(path, [FileProblem(header_line, one) for one in wrong]))
    notes += [
        FileProblem(header_line, f"the column {name} is not known and is left out.")
        for name in columns
        if name and name not in known
    ]
    for line, cells in records:
        if not any(map(visible, cells)):
            continue  # what spreadsheets leave behind the last row
        extra = cells[len(columns) :]
        if len(cells) < len(columns) or any(map(visible, extra)):
            problems.append(
                FileProblem(line, f"it has {len(cells)} columns, and the first line has {len(columns)}.")
            )
            continue
        named = zip(columns, cells, strict=False)
        rows.append(FileRow(line, {name: cell for name, cell in named if name in known}))
    return CsvFile(rows, problems, notes)


def decoded(path: Path, content: bytes) -> str:
    """The text: UTF-8, with or without a byte order mark, or UTF-16 with one. Raises AccountFileError."""
    try:
        if content.startswith(_UTF_16):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise AccountFileError(
            f"{path}, line {line}: it is not written in UTF-8, but as older programs write, most likely Windows-1252; "
            f"its accents would be lost. Save it again as UTF-8. {_SAVE_AGAIN}."
        ) from None


def separated(path: Path, text: str, known: Collection[str]) -> tuple[str, str, int]:
    """The text without its `sep=` line if it has one, what separates its columns, and the number of its first line.

    Without such a line it is the separator that finds the most columns in the header. Raises AccountFileError.
    """
    first, *rest = _LINE_END.split(text, maxsplit=1)
    if said := _SEPARATOR_LINE.fullmatch(first):
        separator = said["separator"]
        if separator not in SEPARATORS:
            raise AccountFileError(
                f"{path}, line 1: columns are separated by {_listed(SEPARATORS.values(), 'or')}, not as `sep=` says."
            )
        return "".join(rest), separator, 2
    names = {separator: _header(first, separator) for separator in SEPARATORS}
    return text, max(names, key=lambda one: len(set(columns_of(names[one], known)) & set(known))), 1


def columns_of(header: Sequence[str], known: Collection[str]) -> list[str]:
    """The columns' names as they are known: neither case nor spaces around them count."""
    names = {folded(name): name for name in known}
    return [names.get(folded(cell), visible(cell)) for cell in header]


def header_problems(
    columns: Sequence[str],
    known: Collection[str],
    required: Collection[str],
    refused: Callable[[str], str | None] = lambda name: None,
) -> list[str]:
    """What is wrong with the first line: columns that are missing, there twice, or misspelt."""
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        return [f"the column {name} is there twice: take one of them out." for name in twice]
    if not set(columns) & set(known):
        return [
            f"no column is known in it; it names the columns, such as {', '.join([*known][:2])}, separated by "
            f"{_listed(SEPARATORS.values(), 'or')}."
        ]
    missing = sorted(set(required) - set(columns))
    more = f", and so are {_listed(missing[1:], 'and')}" if len(missing) > 1 else ""
    absent = [f"the column {missing[0]} is missing{more}."] if missing else []
    unknown = [name for name in columns if name and name not in known]
    return absent + [why for name in unknown if (why := refused(name) or _misspelt(name, known))]


def _misspelt(name: str, known: Collection[str]) -> str | None:
    """A rule that is misspelt is a rule that is missing: what looks like a known column is not left out in silence."""
    near = get_close_matches(name.lower(), list(known), 1, 0.85)
    return f"the column {name} is not known; most likely {near[0]} is meant." if near else None


def told(path: Path, problems: Sequence[FileProblem]) -> str:
    """Problems as sentences, a line each, in the order of the file's lines."""
    shown = sorted(problems, key=lambda one: one.line)[:MOST_SHOWN]
    more = len(problems) - len(shown)
    return "\n".join([
        *(f"{path}, {one}" for one in shown),
        *([f"{path}: and {more} more such lines."] if more else []),
    ])  # fmt: skip


def _records(path: Path, text: str, separator: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it begins on: a quoted cell may hold line ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = first_line + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise AccountFileError(
                f"{path}, line {line}: quotation marks open and do not close as CSV wants it ({problem}).".replace(
                    "..", "."
                )
            ) from None
        if cells:
            yield line, cells


def _header(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _listed(words: Collection[str], before_last: str) -> str:
    *others, last = words
    return f"{', '.join(others)} {before_last} {last}" if others else last
