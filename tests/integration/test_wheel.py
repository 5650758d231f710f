"""The wheel is whole: in an empty environment it runs the demo, with everything it needs inside."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.integration.config.demo.test_demo import running
from tests.support.places import ROOT

PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        *PIP,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    (found,) = folder.glob("guichet-*.whl")
    return found


def test_everything_travels_inside(wheel: Path) -> None:
    """Each file of the packages that git keeps is in the wheel, and the Procfile; tests are not."""
    packages = ("quota", "waitingroom", "submission", "config", "loadtests")
    listed = subprocess.run(
        ["git", "ls-files", *packages], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert sorted({*listed, "config/Procfile"} - inside) == []
    assert any(name.endswith(".lua") for name in inside)
    assert not any(name.startswith("tests/") for name in inside)


def test_the_wheel_runs_the_demo_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """From the lock and the wheel alone, in a folder far from the sources, a candidate gets a receipt."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    lock = ROOT / "requirements" / "run.txt"
    subprocess.run([python, *PIP, "install", "--require-hashes", "-r", str(lock)], check=True)
    subprocess.run([python, *PIP, "install", "--no-deps", str(wheel)], check=True)
    installed = subprocess.run([python, "-c", "import locust"], capture_output=True, check=False)
    assert installed.returncode != 0
    work = tmp_path / "work"
    work.mkdir()
    with running(work, "--port", "0", "--accounts", "5", "--crowd", "2", python=python) as demo:
        facts = demo.ready()
        one_candidate(python, facts, work)
        assert demo.stop() < 10
        assert demo.process.returncode == 0


def one_candidate(python: Path, facts: dict[str, object], folder: Path) -> None:
    subprocess.run(
        [str(python), "-P", "-m", "loadtests.crowd", "--url", str(facts["url"]), "--people", "1"]
        + ["--arrive-seconds", "0", "--expect", "submitted", "--accounts-file", "-"],
        input=json.dumps(facts["accounts"]), text=True, check=True, cwd=folder, timeout=120, env={"PATH": os.defpath},
    )  # fmt: skip
