"""What the provider knows: its objects as its JSON shows them, written through to a file where it has one."""

import itertools
import json
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

Shown = dict[str, Any]

TABLE: Final = "create table if not exists object (id text primary key, seq integer, kind text, json text)"


class SandboxBooks:
    """All objects by id. One process and one thread uses them; a restart finds them again where there is a file."""

    def __init__(self, path: Path | None = None) -> None:
        self._objects: dict[str, Shown] = {}
        self._numbers = itertools.count(1)
        self._file: sqlite3.Connection | None = None
        if path is not None:
            path.touch(mode=0o600)
            self._file = sqlite3.connect(path, isolation_level=None)
            self._file.execute("pragma journal_mode=wal")
            self._file.execute("pragma synchronous=off")
            self._file.execute(TABLE)
            for id, text in self._file.execute("select id, json from object order by seq").fetchall():
                self._objects[id] = json.loads(text)
            self._numbers = itertools.count(1 + len(self._objects))

    def new_id(self, prefix: str) -> str:
        """An id as the provider's look."""
        return f"{prefix}_{secrets.token_hex(12)}"

    def keep(self, shown: Shown) -> Shown:
        """Write an object down as it is now."""
        self._objects[shown["id"]] = shown
        if self._file is not None:
            row = (shown["id"], next(self._numbers), shown["object"], json.dumps(shown))
            self._file.execute(
                "insert into object values (?, ?, ?, ?) on conflict (id) do update set json = excluded.json",
                row,
            )
        return shown

    def find(self, id: object, kind: str) -> Shown | None:
        """The object of this id and kind; None where there is none."""
        found = self._objects.get(str(id))
        return found if found is not None and found["object"] == kind else None

    def all(self, kind: str, **where: object) -> Iterator[Shown]:
        """Objects of a kind in which these values stand, the newest first."""
        for shown in reversed(list(self._objects.values())):
            if shown["object"] == kind and all(shown.get(name) == value for name, value in where.items()):
                yield shown

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
