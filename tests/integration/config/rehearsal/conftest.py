"""One small rehearsal for the tests of this folder, and what it left."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
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
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """One small rehearsal for the tests of this file, and what it left."""
    folder = tmp_path_factory.mktemp("rehearsal")
    report, figures, kept = folder / "report.html", folder / "figures.json", folder / "kept"
    done = rehearse(
        "--people", str(PEOPLE), "--cap", str(CAP), "--time-scale", "120", "--report", str(report),
        "--json", str(figures), "--keep", str(kept),
    )  # fmt: skip
    assert report.exists(), done.stderr
    yield Rehearsed(
        kept, done.returncode, done.stdout + done.stderr, report.read_text(), json.loads(figures.read_text())
    )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def books(rehearsed: Rehearsed) -> Books:
    return asyncio.run(look(url_of(rehearsed), "demo"))[0]


def url_of(rehearsed: Rehearsed) -> str:
    return f"sqlite:///{rehearsed.folder / 'data' / 'guichet.db'}"
