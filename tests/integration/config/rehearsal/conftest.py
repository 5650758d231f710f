"""One small rehearsal for the tests of this folder, and what it left."""

import asyncio
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from config.rehearsal.rehearse import look
from evidence.books import Books

PEOPLE, CAP = 150, 12

SECONDS = 400.0


def rehearse(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "-m", "config", "rehearse", *arguments],
        env=environ | settings, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


class Rehearsed(msgspec.Struct):
    folder: Path
    status: int
    said: str
    html: str
    json: dict[str, dict[str, object]]


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """One small rehearsal for the tests of this folder, also where they run in several processes, and what it left."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "rehearsal"
    folder.mkdir(exist_ok=True)
    report, figures, kept, said = (
        folder / name for name in ("report.html", "figures.json", "kept", "said.json")
    )
    with (folder / "lock").open("w") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not said.exists():
            done = rehearse(
                "--people", str(PEOPLE), "--cap", str(CAP), "--time-scale", "120", "--whole", "1",
                "--report", str(report), "--json", str(figures), "--keep", str(kept),
            )  # fmt: skip
            assert report.exists(), done.stderr
            said.write_text(json.dumps([done.returncode, done.stdout + done.stderr]))
    status, words = json.loads(said.read_text())
    return Rehearsed(kept, status, words, report.read_text(), json.loads(figures.read_text()))


@pytest.fixture(scope="session")
def books(rehearsed: Rehearsed) -> Books:
    return asyncio.run(look(url_of(rehearsed), "demo"))[0]


def url_of(rehearsed: Rehearsed) -> str:
    return f"sqlite:///{rehearsed.folder / 'data' / 'guichet.db'}"
