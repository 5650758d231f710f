"""A minute of waiting at a real service: what is sent to whoever waits, and what it costs."""

from pathlib import Path

import pytest

from loadtests.bench.arrival import waiting
from loadtests.bench.arrival.processor import ServiceProcesses
from loadtests.bench.servers import pinned
from tests.support.processes.services import running


@pytest.mark.slow
def test_a_minute_of_waiting_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames came, and had bytes."""
    monkeypatch.setattr(waiting, "SOCKETS", 20)
    monkeypatch.setattr(waiting, "SECONDS", 2.0)
    monkeypatch.setattr(waiting, "SETTLE_SECONDS", 0.0)
    _, generator = pinned()
    options = ("--web", "1", "--workers", "0", "--accounts", "1", "--calls-per-minute", "60")
    with running(tmp_path / "data", *options) as service:
        minute = waiting.measure(service.url, ServiceProcesses(service.ready), tmp_path, generator)
    assert minute.received > minute.frames > 0 < minute.effort.web
