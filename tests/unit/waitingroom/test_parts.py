"""The parts stand alone: no part takes the value that holds them all, and no import leads back."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from tests.support.places import ROOT
from waitingroom.parts import WaitingRoom

BY_PROCESS = {"waitingroom/api.py", "waitingroom/pages.py", "waitingroom/parts.py"}
"""The only modules that name it: their `routes` take it apart."""

FILES = sorted((ROOT / "waitingroom").rglob("*.py"))


@pytest.mark.parametrize("part", WaitingRoom._fields)
def test_a_part_is_given_what_it_uses(part: str) -> None:
    """No constructor takes the whole."""
    kind = inspect.get_annotations(WaitingRoom, eval_str=True)[part]
    assert WaitingRoom not in inspect.get_annotations(kind.__init__, eval_str=True).values()


def test_only_routes_name_the_whole() -> None:
    """A service locator begins with an import."""
    naming = {str(path.relative_to(ROOT)) for path in FILES if "WaitingRoom" in path.read_text()}
    assert naming == BY_PROCESS


def imports(path: Path) -> set[str]:
    """The modules of the waiting room that this one imports, also for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("waitingroom"):
            module = str(node.module)
            for alias in node.names:
                below = f"{module}.{alias.name}"
                is_module = (ROOT / Path(*below.split("."))).with_suffix(".py").exists()
                found.add(below if is_module else module)
    return found


def test_no_import_leads_back() -> None:
    """Whatever is taken away last, something is left that imports none of the rest."""
    waiting = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): imports(path)
        for path in FILES
        if path.name != "__init__.py"
    }
    while free := {name for name, needs in waiting.items() if not needs & set(waiting)}:
        waiting = {name: needs for name, needs in waiting.items() if name not in free}
    assert waiting == {}


def test_nobody_below_imports_the_room() -> None:
    """The server and the foundation know nothing of the domain."""
    files = [path for folder in ("server", "foundation") for path in (ROOT / folder).rglob("*.py")]
    assert files
    assert not [path for path in files if re.search(r"^(import|from) waitingroom", path.read_text(), re.M)]
