"""Newcomers and savers against the running service: registration to receipt, and the last hour."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes.services import RunningService, running, verify


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("newcomers") / "data"
    with running(data, "--web", "1", "--cap", "20", "--accounts", "12", "--calls-per-minute", "600") as one:
        yield one


def run(
    service: RunningService, module: str, *options: str, path: Path, first: int = 1
) -> "subprocess.CompletedProcess[str]":
    accounts = path / "accounts.json"
    accounts.write_text(json.dumps(service.ready["accounts"] | {"first": first}), encoding="utf-8")
    command = [sys.executable, "-m", module, "--url", service.url, "--accounts-file", str(accounts), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)


@pytest.mark.slow
async def test_newcomers_go_from_registration_to_the_receipt(service: RunningService, tmp_path: Path) -> None:
    """They register, confirm by the message, fill in the form, meet a conflict, wait, are called, submit; then every
    promise is recounted."""
    done = run(
        service, "loadtests.crowd", "--people", "4", "--newcomers", "0.5", "--expect", "submitted",
        "--arrive-seconds", "1", "--haste", "60", path=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 prepared" in done.stdout and "2 draft_changed" in done.stdout
    await verify(service)


@pytest.mark.slow
def test_the_last_hour_loses_nothing(service: RunningService, tmp_path: Path) -> None:
    """Savers with accounts save again and again; each text that was acknowledged is found again."""
    done = run(
        service,
        "loadtests.savers",
        "--people",
        "5",
        "--saves",
        "3",
        "--seconds",
        "3",
        "--haste",
        "240",
        path=tmp_path,
        first=6,
    )
    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    assert (report["saved"], report["broken"]) == (15, [])
