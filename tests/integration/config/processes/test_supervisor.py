"""The supervisor starts what the Procfile says, starts again what dies, and leaves nothing behind."""

import os
import signal
import sys
from collections.abc import Callable

import pytest

from config.processes.procfile import parse
from config.processes.supervisor import services
from tests.conftest import until
from tests.integration.config.processes.conftest import STUBBORN, WITH_A_CHILD, Supervised, alive


def test_each_line_runs_as_often_as_asked() -> None:
    """`web` twice, the others once, `release` not among them."""
    lines = parse("release: a\nweb: b\nticker: c\nworker: d\n")
    kinds = [(service.kind, service.number) for service in services(lines, {"web": 2}, {})]
    assert kinds == [("web", 1), ("web", 2), ("ticker", 1), ("worker", 1)]


def test_it_starts_what_the_procfile_says(supervised: Callable[[str], Supervised]) -> None:
    """`release` has ended before the first of the others starts, and each of them runs as often as asked."""
    running = supervised(
        "release: sh -c 'sleep 0.3; echo done >> released'\n"
        "web: sh -c 'cat released >> seen; exec sleep 600'\n"
        "ticker: sleep 600\n"
        "worker: sleep 600\n"
    )
    until(lambda: running.running("web", 2) and running.running("worker", 1), 10, "all run")
    assert running.running("ticker", 1)
    until(lambda: (running.folder / "seen").read_text() == "done\ndone\n", 5, "both web saw the release done")
    running.end()
    assert running.process.returncode == 0
    assert running.pids == {"web": [], "ticker": [], "worker": [], "redis": []}
    assert not any(alive(pid) for pid in running.seen)


def test_nothing_starts_after_a_failed_release(supervised: Callable[[str], Supervised]) -> None:
    """A release that fails ends the start."""
    running = supervised("release: false\nweb: sh -c 'echo x >> seen'\n")
    assert running.process.wait(10) == 1
    assert not (running.folder / "seen").exists()


def test_one_that_dies_is_started_again_and_it_is_said(supervised: Callable[[str], Supervised]) -> None:
    """After `kill -9` another one runs within 2 s, pids.json names it, and a line says what happened."""
    running = supervised("web: sleep 600\nticker: sleep 600\n")
    until(lambda: running.running("web", 2) and running.running("ticker", 1), 10, "all run")
    killed, kept = running.pids["web"]
    os.kill(killed, signal.SIGKILL)
    until(lambda: running.running("web", 2) and killed not in running.pids["web"], 2, "another one runs")
    assert kept in running.pids["web"]
    assert "web 1 ended (signal 9 (Killed)); starting it again" in running.said.read_text()
    running.end()


def test_one_that_dies_at_once_does_not_spin(supervised: Callable[[str], Supervised]) -> None:
    """Pauses double: in the 2 s after its first death a broken process is started five times, not thousands."""
    running = supervised("ticker: sh -c 'echo x >> starts; exit 3'\n")
    starts = running.folder / "starts"
    until(lambda: starts.exists() and len(starts.read_text()) >= 2 * 4, 10, "it was started four times")
    until(lambda: "in 1.6 s" in running.said.read_text(), 10, "the pause has grown")
    assert len(starts.read_text()) <= 2 * 6
    running.end()


def test_a_command_that_is_not_there_is_said(supervised: Callable[[str], Supervised]) -> None:
    """A missing program is a line, not a traceback, and the others run."""
    running = supervised("web: sleep 600\nticker: no-such-program\n")
    until(lambda: running.running("web", 2), 10, "the others run")
    until(lambda: "ticker 1 ended" in running.said.read_text(), 5, "it is said")
    running.end()
    assert "Traceback" not in running.said.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_what_does_not_want_to_end(
    supervised: Callable[[str], Supervised], number: signal.Signals
) -> None:
    """Children that ignore SIGTERM are killed after the grace, and so are their children in other groups."""
    running = supervised(f"web: {STUBBORN}\nticker: {STUBBORN}\nworker: {WITH_A_CHILD}\n")
    grandchildren = running.folder / "grandchildren"
    until(lambda: running.running("web", 2) and grandchildren.exists(), 10, "all run")
    until(lambda: grandchildren.read_text().endswith("\n"), 5, "the grandchild is named")
    grandchild = int(grandchildren.read_text())
    assert running.end(number) < 5
    assert not any(alive(pid) for pid in (*running.seen, grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_supervisor_leaves_nothing(supervised: Callable[[str], Supervised]) -> None:
    """`kill -9` of the supervisor ends every child, stubborn ones too."""
    running = supervised(f"web: {STUBBORN}\nticker: sleep 600\n")
    until(lambda: running.running("web", 2) and running.running("ticker", 1), 10, "all run")
    running.end(signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in running.seen), 5, "all have ended")
