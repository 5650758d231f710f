"""The supervisor starts what the Procfile says, starts again what dies, and leaves nothing behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.cli import main
from config.processes.procfile import parse, procfile, runnable
from config.processes.supervisor import services
from tests.conftest import until
from tests.support.places import ROOT

STUBBORN = "sh -c 'trap \"\" TERM INT; while :; do sleep 0.1; done'"

SERVES = f"{sys.executable} -m tests.support.house_serving"

WITH_A_CHILD = "sh -c 'setsid sleep 600 & echo $! >> grandchildren; wait'"


class Supervised:
    """A running supervisor over a Procfile of the test's own."""

    def __init__(self, folder: Path, text: str) -> None:
        self.folder = folder
        (folder / "Procfile").write_text(text)
        self.said = folder / "said"
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.support.house_supervised",
                    str(folder / "run"),
                    str(folder / "Procfile"),
                ],
                cwd=folder,
                stderr=output,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        self.seen: set[int] = set()

    @property
    def pids(self) -> dict[str, list[int]]:
        try:
            found: dict[str, list[int]] = json.loads((self.folder / "run" / "pids.json").read_bytes())
        except FileNotFoundError:
            return {}
        self.seen.update(pid for some in found.values() for pid in some)
        return found

    def running(self, kind: str, count: int) -> bool:
        return len(self.pids.get(kind, [])) == count

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> float:
        """Stop it and give the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        return time.monotonic() - began


def alive(pid: int) -> bool:
    """Whether it runs; one that ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    started: list[Supervised] = []

    def start(text: str) -> Supervised:
        started.append(Supervised(tmp_path, text))
        return started[-1]

    yield start
    for one in started:
        with contextlib.suppress(ProcessLookupError):
            one.process.kill()
        one.process.wait()


def test_the_procfile_names_each_process_with_a_sentence() -> None:
    """Four processes, each with one sentence above it that ends in a full stop."""
    lines = parse(procfile().read_text())
    assert [line.name for line in lines] == ["release", "web", "ticker", "worker"]
    assert all(line.sentence.endswith(".") for line in lines)


def test_the_command_line_has_every_command_of_the_procfile() -> None:
    """What the Procfile starts is there: each of its commands shows its help."""
    for line in parse(procfile().read_text()):
        assert line.command[0] == "guichet"
        shown = CliRunner().invoke(main, [*line.command[1:], "--help"])
        assert shown.exit_code == 0, shown.output


def test_guichet_is_this_very_program() -> None:
    """`guichet` runs with this interpreter; any other command stays as it is."""
    assert runnable(("guichet", "web")) == (sys.executable, "-P", "-m", "config", "web")
    assert runnable(("sleep", "1")) == ("sleep", "1")


@pytest.mark.parametrize("text", ["web", "web:", ": sleep 1", "a b: sleep 1"])
def test_a_wrong_line_is_named(text: str) -> None:
    """A Procfile line that is not `name: command` is refused with its number."""
    with pytest.raises(ValueError, match="line 2 of the Procfile"):
        parse(f"ticker: sleep 1\n{text}\n")


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


def test_a_rolling_restart_replaces_one_after_the_other(supervised: Callable[[str], Supervised]) -> None:
    """Never fewer than two web processes run; the release runs again; the old ones end by themselves."""
    running = supervised(f"release: sh -c 'echo x >> releases'\nweb: {SERVES}\n")
    until(lambda: running.running("web", 2), 10, "both run")
    old = set(running.pids["web"])
    fewest = 2

    def replaced() -> bool:
        nonlocal fewest
        now = running.pids["web"]
        fewest = min(fewest, len(now))
        return len(now) == 2 and not old & set(now)

    running.process.send_signal(signal.SIGUSR1)
    until(replaced, 20, "both are new")
    until(lambda: "every process is a new one" in running.said.read_text(), 5, "it is said")
    assert fewest == 2
    assert "killed" not in running.said.read_text()
    assert (running.folder / "releases").read_text() == "x\nx\n"
    assert not any(alive(pid) for pid in old)
    running.end()
    assert not any(alive(pid) for pid in running.seen)


def test_a_rolling_restart_that_fails_ends_nothing(supervised: Callable[[str], Supervised]) -> None:
    """New code that does not start: the old processes go on, and a line says why."""
    running = supervised(f"web: {SERVES}\n")
    until(lambda: len(list(running.folder.glob("serves-*"))) == 2, 10, "both serve")
    old = running.pids["web"]
    (running.folder / "broken").touch()
    running.process.send_signal(signal.SIGUSR1)
    until(lambda: "the rolling restart ends here" in running.said.read_text(), 20, "it is given up")
    until(lambda: running.pids["web"] == old, 5, "only the old ones are left")
    assert all(alive(pid) for pid in old)
    running.end()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_supervisor_leaves_nothing(supervised: Callable[[str], Supervised]) -> None:
    """`kill -9` of the supervisor ends every child, stubborn ones too."""
    running = supervised(f"web: {STUBBORN}\nticker: sleep 600\n")
    until(lambda: running.running("web", 2) and running.running("ticker", 1), 10, "all run")
    running.end(signal.SIGKILL)
    until(lambda: not any(alive(pid) for pid in running.seen), 5, "all have ended")
