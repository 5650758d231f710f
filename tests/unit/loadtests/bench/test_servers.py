"""Servers for benchmarks: cores, and what a write costs."""

import os
from pathlib import Path

import pytest

from loadtests.bench.servers import fsync_ms, on_core, pinned


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not pin processes")
def test_a_core_is_given_back() -> None:
    """What is started inside runs there; afterwards everything is as it was."""
    before = os.sched_getaffinity(0)
    servers, generator = pinned()
    with on_core(servers):
        assert os.sched_getaffinity(0) == servers
    assert os.sched_getaffinity(0) == before
    assert servers | generator <= before


def test_a_write_costs_something(tmp_path: Path) -> None:
    """In milliseconds."""
    assert 0 < fsync_ms(tmp_path) < 10_000
