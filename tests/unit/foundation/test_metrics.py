"""Figures add up over processes, and carry only their own labels."""

import ast
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from foundation.metrics import COUNTERS, LEVELS, TIMES, Metrics
from tests.support.places import ROOT
from tests.support.sources import FOLDERS


def calls_to(names: set[str], suffix: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a method with one of these names on something whose name ends so, in our packages."""
    for package in FOLDERS:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                    continue
                if node.func.attr in names and ast.unparse(node.func.value).endswith(suffix):
                    yield node, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_event_that_our_code_counts_has_a_metric() -> None:
    """A typing error in a name would be counted as `other`; this finds it before."""
    for method, known in (("count", COUNTERS), ("level", LEVELS), ("took", TIMES)):
        for call, where in calls_to({method}, "events"):
            first = call.args[0]
            assert isinstance(first, ast.Constant), where
            assert first.value in known, where


def test_figures_add_up_and_carry_only_their_own_labels() -> None:
    """Labels that a metric does not have are left out, unknown names are `other`."""
    metrics = Metrics()
    metrics.count("joins", 5)
    metrics.count("joins")
    metrics.count("refusals", code="no_ticket", username="marie")
    metrics.count("jobs_done")
    metrics.count("mistyped", 2)
    metrics.level("sockets", 7)
    metrics.level("mistyped", 7)
    metrics.took("tick", 0.02)
    metrics.took("http_request", 0.02, route="/x")
    metrics.took("mistyped", 1)
    text = metrics.text().decode()
    for line in (
        "guichet_joins_total 6.0", 'guichet_refusals_total{code="no_ticket"} 1.0', "guichet_sockets 7.0",
        'guichet_jobs_done_total{kind=""} 1.0', 'guichet_other_total{event="mistyped"} 2.0',
        'guichet_tick_seconds_bucket{le="0.025"} 1.0', 'guichet_http_request_seconds_count{route="/x"} 1.0',
    ):  # fmt: skip
        assert line in text
    assert "marie" not in text


def test_metrics_add_up_over_processes_and_the_dead_hold_no_sockets(tmp_path: Path) -> None:
    """Two processes count into one folder; `/metrics` of a third shows the sum, and forgets who ended."""
    program = textwrap.dedent("""
        import os, sys
        from pathlib import Path
        from foundation.metrics import Metrics, forget
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        metrics = Metrics(folder)
        if sys.argv[1] == "show":
            for pid in sys.argv[2:]:
                forget(folder, int(pid))
            print(metrics.text().decode())
        else:
            metrics.count("joins", int(sys.argv[1]))
            metrics.level("sockets", int(sys.argv[1]))
            print(os.getpid())
    """)
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(
            command, check=True, env=environ, capture_output=True, text=True, cwd=ROOT
        ).stdout

    first = run("3").strip()
    run("4")
    both = run("show")
    assert "guichet_joins_total 7.0" in both
    assert "guichet_sockets 7.0" in both
    after = run("show", first)
    assert "guichet_joins_total 7.0" in after
    assert "guichet_sockets 4.0" in after
