"""Which version of the program this is. It is written in `pyproject.toml` alone."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final


def _version() -> str:
    """As it was installed; from the source where it never was."""
    source = Path(__file__).parent.parent / "pyproject.toml"
    if source.is_file():  # what is installed beside an edited source may be older
        project = tomllib.loads(source.read_text("utf-8")).get("project", {})
        if project.get("name") == "guichet":
            return str(project["version"])
    try:
        return version("guichet")
    except PackageNotFoundError:
        return "0"


VERSION: Final = _version()
