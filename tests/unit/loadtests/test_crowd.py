"""A crowd of journeys in one process."""

import ast
import random

from loadtests.crowd import arrivals
from tests.support.places import ROOT


def test_most_of_a_crowd_comes_at_once() -> None:
    """Six in ten arrive in the first tenth of the time, and everybody within it."""
    times = arrivals(1_000, 60.0, random.Random(5))
    assert len(times) == 1_000
    assert times == sorted(times)
    assert sum(time <= 6.0 for time in times) >= 600
    assert times[-1] <= 60.0
    assert arrivals(3, 0.0, random.Random(5)) == [0.0, 0.0, 0.0]


def test_nothing_but_locust_imports_what_patches_the_standard_library() -> None:
    """Locust replaces sockets and threads for the whole process: only its own file may name it. gevent alone replaces
    nothing, and what counts requests under Locust needs its greenlets."""
    root = ROOT
    for folder in ("quota", "waitingroom", "submission", "config", "loadtests", "tests"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                for name in names:
                    package = name.split(".")[0]
                    if package in ("locust", "gevent") or name == "loadtests.locustfile":
                        with_it = {"locustfile.py"} | (
                            {"in_flight.py", "test_in_flight.py"} if package == "gevent" else set()
                        )
                        assert path.name in with_it, f"{path} imports {name}"
