"""Figures add up over processes, and carry only their own labels."""

import ast
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from foundation.metrics import COUNTERS, LEVELS, TIMES, Metrics, sweep
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


@pytest.mark.slow
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


PROGRAM = textwrap.dedent("""
    import os, sys
    from pathlib import Path
    from foundation.metrics import Metrics
    metrics = Metrics(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]), "1.2.3")
    for line in sys.stdin:
        what, _, number = line.strip().partition(" ")
        if what == "joins":
            metrics.count("joins", int(number))
            metrics.took("tick", 0.02)
            metrics.level("sockets", int(number))
            metrics.level("period_waiting", int(number), period="essai")
            print("done", flush=True)
        elif what == "show":
            print(metrics.text().decode() + "# the end", flush=True)
""")


class CountingProcess:
    """A process that counts into a folder, and shows what is there."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def told(self, line: str, until: str) -> list[str]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        lines: list[str] = []
        while not lines or lines[-1] != until:
            read = self.process.stdout.readline()
            assert read, "it ended"
            lines.append(read.rstrip("\n"))
        return lines

    def joins(self, number: int) -> None:
        self.told(f"joins {number}", "done")

    def shown(self) -> set[str]:
        return set(self.told("show", "# the end"))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], CountingProcess]]:
    """Starts processes that share one folder."""
    started: list[CountingProcess] = []

    def one() -> CountingProcess:
        started.append(CountingProcess(tmp_path))
        return started[-1]

    yield one
    for process in started:
        process.kill()


def test_what_the_dead_counted_stays_and_what_they_held_goes(
    start: Callable[[], CountingProcess], tmp_path: Path
) -> None:
    """After `kill -9`, without a supervisor: the next look shows the same totals, and the sockets of the living."""
    first, second, third = start(), start(), start()
    for process, number in ((first, 3), (second, 4)):
        process.joins(number)
    both = third.shown()
    assert {"guichet_joins_total 7.0", "guichet_sockets 7.0", "guichet_tick_seconds_count 2.0"} <= both
    assert 'guichet_build_info{version="1.2.3"} 1.0' in both
    first.kill()
    after = third.shown()
    assert {"guichet_joins_total 7.0", "guichet_sockets 4.0", "guichet_tick_seconds_count 2.0"} <= after
    assert 'guichet_period_waiting{period="essai"} 4.0' in after
    second.kill()
    last = third.shown()
    assert {"guichet_joins_total 7.0", "guichet_sockets 0.0", "guichet_tick_seconds_count 2.0"} <= last
    assert not [line for line in last if line.startswith("guichet_period_waiting{")], "nobody knows any more"
    left = {int(path.stem.rpartition("_")[2]) for path in tmp_path.glob("*_[0-9]*.db")}
    assert left == {third.process.pid}


def test_without_the_sweep_the_dead_would_hold_their_sockets(
    start: Callable[[], CountingProcess], tmp_path: Path
) -> None:
    """Twin: the library alone shows them for good."""
    dead = start()
    dead.joins(3)
    dead.kill()
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(tmp_path))  # type: ignore[no-untyped-call]
    assert "guichet_sockets 3.0" in generate_latest(registry).decode()


def test_a_process_that_stands_still_is_alive(start: Callable[[], CountingProcess]) -> None:
    """Stopped, it still has its sockets: its lock says so, not how long it was silent."""
    silent, other = start(), start()
    silent.joins(3)
    os.kill(silent.process.pid, signal.SIGSTOP)
    assert "guichet_sockets 3.0" in other.shown()


def test_a_number_that_comes_again_is_another_process(
    start: Callable[[], CountingProcess], tmp_path: Path
) -> None:
    """A file of somebody dead whose number now belongs to a program of another kind counts as dead."""
    dead, other = start(), start()
    dead.joins(3)
    dead.kill()
    for path in tmp_path.glob(f"*{dead.process.pid}.*"):  # as if this test's number had been the dead one's
        path.rename(path.with_name(path.name.replace(str(dead.process.pid), str(os.getpid()))))
    assert "guichet_sockets 0.0" in other.shown()


def test_many_that_look_at_once_count_once(start: Callable[[], CountingProcess], tmp_path: Path) -> None:
    """Whoever comes second finds the dead counted already."""
    dead = start()
    dead.joins(3)
    dead.kill()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: sweep(tmp_path), range(32)))
    assert "guichet_joins_total 3.0" in start().shown()


def test_a_file_that_was_cut_off_stops_nobody(start: Callable[[], CountingProcess], tmp_path: Path) -> None:
    """Killed in the middle of a new name, or on a full disk: what can be read counts."""
    dead = start()
    dead.joins(3)
    dead.kill()
    [file] = tmp_path.glob(f"counter_{dead.process.pid}.db")
    file.write_bytes(file.read_bytes()[:4_000])
    other = start()
    other.joins(4)
    [total] = [line for line in other.shown() if line.startswith("guichet_joins_total")]
    assert total in ("guichet_joins_total 4.0", "guichet_joins_total 7.0")


def test_a_gauge_that_was_never_told_is_not_shown() -> None:
    """A worker knows nothing of a period: nought would be a lie."""
    metrics = Metrics()
    assert "guichet_tasks_due" not in metrics.text().decode()
    metrics.level("tasks_due", 3)
    assert "guichet_tasks_due 3.0" in metrics.text().decode()
