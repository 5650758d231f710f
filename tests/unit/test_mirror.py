"""Tests mirror the code: each module has a `test_<module>.py` in its folder's place under `unit` or `integration`."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.sources import FOLDERS, folder_of, modules, tree

TIERS = ("unit", "integration")

EXCEPTIONS = {
    "config.migrations.env": "Alembic's: every test of a migrated database runs it",
    "config.migrations.tables": "a list; `tests/integration/config/test_migrations.py` compares it with the database",
    "config.wiring.parts": "names and types alone; `tests/integration/config/test_app.py` opens them",
}
"""Single modules without a test of their own, and where they are held."""

OF_MORE = {
    "tests/integration/casework/amendments/test_supplement.py": "what an amendment costs, over payments and agents",
    "tests/integration/casework/deadlines/test_year.py": "a year of days, over payments, messages and deadlines",
    "tests/integration/config/test_access.py": "every route of the application, and who reaches it",
    "tests/integration/config/test_previous_release.py": "a database of an earlier release, over all of its steps",
    "tests/integration/server/protocol/test_load_shedding.py": "the protocol's bounds, on a real server",
    "tests/integration/waitingroom/draw/test_draw_pages.py": "every page of a draw",
    "tests/integration/submission/drafts/test_faults.py": "what fails in mid-save, over pages and stores",
    "tests/integration/waitingroom/draw/test_draw_proofs.py": "proof of work in a draw, over entries, line and pages",
    "tests/integration/waitingroom/draw/test_draw_service.py": "a whole opening with real processes",
    "tests/integration/waitingroom/line/test_cluster.py": "the line on a Cluster",
    "tests/integration/waitingroom/line/test_failover.py": "the line behind Sentinels",
    "tests/integration/waitingroom/line/test_replication_ids.py": "the fence, where a primary takes another id",
    "tests/integration/waitingroom/test_token_libraries.py": "the token, in the libraries of others",
    "tests/unit/server/protocol/test_uvicorn_parts.py": "private parts of uvicorn that the protocol leans on",
    "tests/unit/casework/letters/test_every_kind.py": "every kind of document, of whichever feature, as PDF",
}
"""Tests that stand beside those of modules and are of more than one."""

INCOMPLETE: frozenset[str] = frozenset()
"""Folders that are not complete yet. A folder leaves this list and never comes back."""


def wants_a_test(path: Path) -> bool:
    """Whether a module holds something to test: an empty package does not, and an entry point is run by its users."""
    if path.stem == "__main__" or "versions" in path.parts:
        return False
    return any(not isinstance(node, ast.Expr) for node in tree(path).body)


def place(module: str, path: Path) -> tuple[str, str]:
    """Where the test of a module stands below a tier, and its name."""
    parts = module.split(".")
    name = parts[-1]
    return "/".join(parts[:-1]), f"test_{name}.py"


def untested(folder: str) -> list[str]:
    """The modules of a folder without a test of their name."""
    missing = []
    for module, path in modules().items():
        if folder_of(module) != folder or module in EXCEPTIONS or not wants_a_test(path):
            continue
        below, name = place(module, path)
        if not any((ROOT / "tests" / tier / below / name).is_file() for tier in TIERS):
            missing.append(module)
    return missing


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_has_a_test_of_its_name(folder: str) -> None:
    """A stranger finds the test of a module by its name; a folder that is complete has left `INCOMPLETE`."""
    missing = untested(folder)
    if folder in INCOMPLETE:
        assert missing, f"{folder} is complete: take it out of INCOMPLETE"
        pytest.xfail(f"{len(missing)} to come: {', '.join(missing)}")
    assert missing == []


def test_an_exception_is_of_a_module_that_there_is() -> None:
    """And says where the module is held."""
    assert set(EXCEPTIONS) <= set(modules())
    assert all(EXCEPTIONS.values())


def test_a_module_without_a_test_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: with no tier to look in, every module is missing."""
    monkeypatch.setattr("tests.unit.test_mirror.TIERS", ())
    assert "evidence.recount" in untested("evidence")


KEPT_DAY = re.compile(r"^\w+ = .*(day_of\(now_ms\(\)\)|\btoday\(\))", re.MULTILINE)


def test_no_module_of_tests_keeps_the_day_that_it_was_loaded_on() -> None:
    """Tests pass midnight, and what they do « today » is then done the day before. Twin: such a line is seen."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert [str(path) for path in files if KEPT_DAY.search(path.read_text())] == []
    assert KEPT_DAY.search("\nTODAY = day_of(now_ms()).isoformat()\n")


def test_a_test_mirrors_something() -> None:
    """In the folders that are complete, each test below a folder's place bears the name of a module there."""
    known = {place(module, path) for module, path in modules().items()} | {
        (f"{module.replace('.', '/')}", "test_main.py") for module in ("loadtests.bench",)
    }
    strange = [
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        if folder not in INCOMPLETE
        for tier in TIERS
        for path in sorted((ROOT / "tests" / tier / folder).rglob("test_*.py"))
        if (str(path.parent.relative_to(ROOT / "tests" / tier)), path.name) not in known
    ]
    assert set(strange) == set(OF_MORE)
