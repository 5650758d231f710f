"""Data flows one way, and so do imports: quota <- waitingroom <- submission <- config; loadtests stands apart."""

import ast
from pathlib import Path

import pytest

from tests.support.places import ROOT

MAY_IMPORT = {
    "quota": {"quota"},
    "waitingroom": {"quota", "waitingroom"},
    "submission": {"quota", "waitingroom", "submission"},
    "config": {
        "quota",
        "waitingroom",
        "submission",
        "config",
        "loadtests",
    },  # its rehearsal starts the people
    "loadtests": {"loadtests"},
}


def imported(path: Path) -> set[str]:
    """The packages of ours, and the tests, that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        found |= {name.split(".")[0] for name in names}
    return found & {*MAY_IMPORT, "tests"}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    """No package imports what stands to its right; nobody imports config or the tests; loadtests stands apart."""
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {str(path): more for path in files if (more := imported(path) - MAY_IMPORT[package])}
    assert wrong == {}


def test_only_the_store_speaks_of_redis_keys() -> None:
    """The names of the keys are in one file; whoever else writes one has left the glossary."""
    files = [path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")]
    speaking = [path.name for path in files if "wr1:" in path.read_text()]
    assert speaking == ["store.py"]
