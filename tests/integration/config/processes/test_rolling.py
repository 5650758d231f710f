"""A rolling restart replaces every process while people are inside."""

import signal
from collections.abc import Callable

from tests.conftest import until
from tests.integration.config.processes.conftest import SERVES, Supervised, alive


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
