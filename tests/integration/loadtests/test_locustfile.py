"""Locust in several processes: one load, one report, and nothing left behind."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_two_workers_and_a_master_are_one_load() -> None:
    """All personas come, what two workers saw is in the master's report, every promise holds, and all of it ends."""
    command = [sys.executable, "-m", "loadtests.run", "--workers", "2", "--shape", "stampede"]
    done = subprocess.run(
        [*command, "--scale", "0.01", "--seconds", "12"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "every promise held" in done.stdout
    assert "workers: 2" in done.stdout
    for seen in ("device_refused", "POST     robot", "WS       live first frame"):
        assert seen in done.stdout + done.stderr
    assert locusts() == []


def locusts() -> list[str]:
    """Command lines of Locust processes that still run, by /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if "loadtests/locustfile.py" in command:
                found.append(command)
    return found
