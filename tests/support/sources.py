"""The sources of the service as tests read them: its folders in their order, modules, imports, classes."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.places import ROOT

FOLDERS = (
    "foundation", "server", "quota", "accounts", "waitingroom", "submission", "casework", "publicsite", "evidence",
    "console", "config", "loadtests",
)  # fmt: skip
"""Each answers one question; an import may only point to the left (`docs/architecture.md`)."""


@cache
def modules() -> dict[str, Path]:
    """Every module of the service by its dotted name."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found[dotted(path)] = path
    return found


def dotted(path: Path) -> str:
    """The name by which a file of ours is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """What a file imports, wherever in it: modules of ours by their full name, others as they are written."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in modules() else node.module


def folder_of(module: str) -> str:
    return module.split(".")[0]
