"""On which line of a TOML file a key stands. `tomllib` reads values and forgets where they were.

For files that `tomllib` has accepted: what is not TOML is told by that, with its line.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

KeyPath = tuple[str | int, ...]
"""Names, and the places of elements of arrays of tables: `("sections", 2, "fields", 0, "label")`."""

_OPENS = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#|[\[{]|[\]}]')


class TomlLines:
    """Where the keys of one file are."""

    def __init__(self, text: str) -> None:
        self._lines: dict[KeyPath, int] = {(): 1}
        arrays: dict[KeyPath, int] = {}
        table: KeyPath = ()
        for number, statement in _statements(text):
            if statement.startswith("[["):
                table = self._array_table(_header(statement), arrays)
            elif statement.startswith("["):
                table = self._within(_names(_header(statement)), arrays)
            else:
                key, equals, _ = statement.partition("=")
                if equals:
                    self._lines.setdefault(table + _names(key), number)
                continue
            self._lines.setdefault(table, number)

    def of(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest one around it that has a line."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _array_table(self, name: str, arrays: dict[KeyPath, int]) -> KeyPath:
        names = _names(name)
        parent = self._within(names[:-1], arrays)
        array = (*parent, names[-1])
        arrays[array] = arrays.get(array, -1) + 1
        return (*array, arrays[array])

    @staticmethod
    def _within(names: KeyPath, arrays: dict[KeyPath, int]) -> KeyPath:
        """The path of a header: of an array of tables its last element is meant."""
        path: KeyPath = ()
        for name in names:
            path = (*path, name)
            if path in arrays:
                path = (*path, arrays[path])
        return path


def _header(statement: str) -> str:
    """The dotted name in a table's header; a remark may stand behind it."""
    return statement.lstrip("[").partition("]")[0]


def _names(key: str) -> KeyPath:
    """The names of a dotted key, some of which may be quoted."""
    found: list[str] = []
    inner: Any = tomllib.loads(f"{key.strip()} = 0")
    while isinstance(inner, dict):
        ((name, inner),) = inner.items()
        found.append(name)
    return tuple(found)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The first line of each statement, with its number: the others of a text or an array are passed over."""
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        starts = depth == 0 and not quote
        stripped = line.strip()
        if starts and stripped and not stripped.startswith("#"):
            yield number, stripped
        if starts and stripped.startswith("["):
            continue
        depth, quote = _after(line, depth, quote)


def _after(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Open brackets and the open text of several lines, after this line."""
    place = 0
    while True:
        if quote:
            closes = line.find(quote, place)
            if closes < 0:
                return depth, quote
            place, quote = closes + 3, ""
        found = _OPENS.search(line, place)
        if found is None or found[0] == "#":
            return depth, ""
        place, sign = found.end(), found[0]
        if sign in {'"""', "'''"}:
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
