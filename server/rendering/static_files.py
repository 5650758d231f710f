"""Static files, whose addresses carry a hash of what they hold: browsers may keep them for a year.

Each feature brings its own folder `static/`; to browsers they are one, so a name stands in one of them only.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

LASTS_SECONDS = 31_536_000
"""A year: an address with a hash never holds anything else."""


def folder_of(package: str) -> Path:
    """Where the static files of a package of ours are, which may be nowhere."""
    return Path(str(files(package))) / "static"


class StaticNames:
    """The static files of these packages by name."""

    def __init__(self, packages: Sequence[str], bundles: Mapping[str, Sequence[str]] | None = None) -> None:
        self.folders = [folder for folder in map(folder_of, packages) if folder.is_dir()]
        made = Path(tempfile.mkdtemp(prefix="guichet-static-"))
        for name, parts in (bundles or {}).items():
            (made / name).write_bytes(b"\n".join(self.path(part).read_bytes() for part in parts))
        self.folders.append(made)
        self.address = cache(self._address)

    def path(self, name: str) -> Path:
        """The file of this name. FileNotFoundError for one that is not there."""
        for folder in self.folders:
            if (folder / name).is_file():
                return folder / name
        raise FileNotFoundError(name)

    def _address(self, name: str) -> str:
        """The address of a static file, with a hash of what it holds. FileNotFoundError for one that is not there."""
        digest = hashlib.sha256(self.path(name).read_bytes()).hexdigest()[:10]
        return f"/static/{name}?v={digest}"


class Static(StaticFiles):
    """The static files; an address with the hash may be cached for a year."""

    def __init__(self, names: StaticNames) -> None:
        super().__init__(directory=names.folders[0])
        self.all_directories = list(names.folders)
        self._names = names

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        scope: Scope = args[2] if len(args) > 2 else kwargs["scope"]
        response = super().file_response(*args, **kwargs)
        # While releases change, a page of the new one may ask a process of the old one: that is not for a year.
        lasting = scope.get("query_string", b"") == self._hash_of(Path(args[0]).name)
        lasts = f"public, max-age={LASTS_SECONDS}, immutable"
        response.headers["Cache-Control"] = lasts if lasting else "no-cache"
        return response

    def _hash_of(self, name: str) -> bytes:
        """The query of a file's address as pages write it now."""
        return self._names.address(name).partition("?")[2].encode()
