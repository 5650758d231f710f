"""A supervisor over a Procfile of the test's own."""

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

from tests.support.places import ROOT

STUBBORN = "sh -c 'trap \"\" TERM INT; while :; do sleep 0.1; done'"

SERVES = f"{sys.executable} -m tests.support.processes.readiness"

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
                    "tests.support.processes.supervised",
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
