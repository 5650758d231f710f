"""Small stampedes against a service of their own, in a process of their own as anybody starts them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 150.0


def stampede(folder: Path, *options: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, figures and page."""
    figures, page = folder / "figures.json", folder / "page.md"
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.stampede", *options, "--json", str(figures), "--report", str(page)],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert figures.exists(), done.stdout[-2000:] + done.stderr[-3000:]
    return done.returncode, json.loads(figures.read_text()), page.read_text()


def held(found: dict[str, Any], but: str = "the load generator") -> list[str]:
    """The bars that were missed; whether the load generator kept up is the machine's affair here."""
    return [
        f"{bar['what']}: {bar['found']}"
        for bar in found["verdict"]["bars"]
        if not bar["held"] and not bar["what"].startswith(but)
    ]


@pytest.mark.slow
def test_everybody_who_arrives_has_a_number_and_a_socket(tmp_path: Path) -> None:
    """Sixty in three seconds: a page, files, a button, a page, a file, a feed each; the numbers are 1 to 60."""
    _, found, page = stampede(tmp_path, "--people", "60", "--seconds", "3", "--hold", "2")
    verdict = found["verdict"]
    assert held(found) == []
    assert found["verified"]
    assert (verdict["with_number"], verdict["with_socket"], verdict["failed"], verdict["lost"]) == (
        60,
        60,
        {},
        0,
    )
    assert verdict["pages_looked_at"] == 1
    assert verdict["times"]["button"]["count"] == 60
    assert verdict["times"]["file"]["count"] >= 3 * 60
    assert verdict["requests_each"] >= 8
    assert verdict["frames"] >= 120
    assert "# 60 whole arrivals in 3 seconds" in page


@pytest.mark.slow
def test_whoever_reloads_before_the_opening_joins_after_it(tmp_path: Path) -> None:
    """Nobody has a number before; browsers have the files already, but for the one of the page with the number."""
    _, found, _ = stampede(
        tmp_path, "--shape", "reload", "--people", "40", "--seconds", "2", "--press", "2", "--hold", "1"
    )
    verdict = found["verdict"]
    assert held(found) == []
    assert (verdict["with_number"], verdict["with_socket"], verdict["failed"]) == (40, 40, {})
    assert verdict["times"]["page"]["count"] == 40
    assert verdict["times"]["file"]["count"] <= 2 * 40
