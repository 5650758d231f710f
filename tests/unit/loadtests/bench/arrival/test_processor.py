"""Processor time of other processes, as their own clocks say."""

import os
import subprocess
import sys
import time

from loadtests.bench.arrival.processor import ServiceEffort, processor_seconds


def test_the_clock_of_a_process_is_read_from_outside() -> None:
    """The same as it reads itself, threads included."""
    assert abs(processor_seconds(os.getpid()) - time.process_time()) < 0.05


def test_another_process_has_a_clock_of_its_own() -> None:
    """One that works for a while has used so much."""
    work = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "done\n"
        assert 0.3 <= processor_seconds(other.pid) < 1
        other.communicate("\n")


def test_what_was_spent_is_a_difference() -> None:
    """Process by process, and in all."""
    spent = ServiceEffort(3.0, 2.0, 1.5) - ServiceEffort(1.0, 1.0, 1.0)
    assert spent == (2.0, 1.0, 0.5) and spent.all == 3.5
