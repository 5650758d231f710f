"""The house: each folder answers one question, imports point one way, and a name means one thing."""

import ast
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.sources import FOLDERS, dotted, folder_of, imports, modules, tree

MOST_MODULES = 15
"""In one folder on one level; a folder that grows past it gets sub-folders by noun."""

APART = {"loadtests": {"loadtests"}}
"""What may be imported by folders that do not follow the order: the load tests know nothing of the service."""


def may_import(folder: str) -> set[str]:
    """The folders above this one, and itself. Only `config` starts the load tests' people, and imports the console."""
    above = set(FOLDERS[: FOLDERS.index(folder) + 1]) - ({"console"} - {folder})
    return APART.get(folder, above | ({"loadtests", "console"} if folder == "config" else set()))


def imported(folder: str) -> dict[str, set[str]]:
    """By module of this folder, the folders of ours (and the tests) that it imports."""
    ours = {*FOLDERS, "tests"}
    return {
        module: {folder_of(name) for name in imports(path)} & ours
        for module, path in modules().items()
        if folder_of(module) == folder
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_point_up_only(folder: str) -> None:
    """No folder imports one below it; nobody imports config or the tests; only config imports console."""
    wrong = {
        module: more for module, found in imported(folder).items() if (more := found - may_import(folder))
    }
    assert wrong == {}


def test_a_wrong_direction_would_be_seen() -> None:
    """Twin: with the order turned round, imports are found to point down."""
    assert any("foundation" in found for found in imported("quota").values())
    assert "quota" not in may_import("foundation")


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The modules that import each other, directly or by others (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph[module]:
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            component = set()
            while module not in component:
                component.add(stack.pop())
            if len(component) > 1:
                found.append(component)

    for module in graph:
        if module not in index:
            visit(module)
    return found


def test_no_module_imports_itself_by_others() -> None:
    """There is no import circle, those for types only included."""
    known = modules()
    graph = {
        module: {name for name in imports(path) if name in known} - {module} for module, path in known.items()
    }
    assert circles(graph) == []


def test_a_circle_would_be_seen() -> None:
    """Twin: three modules that import each other in turn are one circle."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]


def test_no_folder_is_a_heap() -> None:
    """At most fifteen modules on one level, in the tests too."""
    counted = Counter(
        path.parent
        for folder in (*FOLDERS, "tests")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "__init__.py" and "versions" not in path.parts
    )
    heaps = {str(place.relative_to(ROOT)): count for place, count in counted.items() if count > MOST_MODULES}
    assert heaps == {}


def named_twice(paths: Mapping[str, Path]) -> dict[str, list[str]]:
    """The classes at the top of these modules that share a name, and where they stand."""
    named = defaultdict(list)
    for module, path in paths.items():
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                named[node.name].append(module)
    return {name: places for name, places in named.items() if len(places) > 1}


def test_one_class_name_has_one_meaning() -> None:
    """No two classes of the service share a name: one word, one meaning."""
    assert named_twice(modules()) == {}


def test_one_class_name_has_one_meaning_in_tests_too() -> None:
    """No class of a test has the name of another one, or of the service's; production wins a name."""
    tests = {dotted(path): path for path in sorted((ROOT / "tests").rglob("*.py"))}
    assert named_twice(modules() | tests) == {}


def test_a_name_with_two_meanings_would_be_seen() -> None:
    """Twin: a module that stands twice has each of its classes twice."""
    path = modules()["quota.states"]
    assert "Action" in named_twice({"one": path, "other": path})


def test_only_the_store_speaks_of_redis_keys() -> None:
    """The names of the keys are in one file; whatever else writes one has left the glossary."""
    speaking = [module for module, path in modules().items() if "wr1:" in path.read_text("utf-8")]
    assert speaking == ["waitingroom.line.store"]
