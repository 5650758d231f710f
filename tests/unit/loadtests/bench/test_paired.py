"""Two checkouts against each other: which figures are judged, and how their tables are read."""

import sys
from pathlib import Path

import pytest

from loadtests.bench import paired
from loadtests.bench.arrival import section
from loadtests.bench.paired import Pair, command, rows


@pytest.mark.parametrize(
    ("what", "here", "holds"),
    [
        ("joins a second, one web process", 0.98, True),
        ("joins a second, one web process", 0.96, False),
        ("memory a socket", 1.02, True),
        ("memory a socket", 1.04, False),
        ("one tick of the ticker at 1,000 tickets", 1.02, True),
        ("one tick of the ticker at 1,000 tickets", 1.05, False),
        ("age of a shown position, p99", 9.0, True),
        (f"{section.ARRIVAL}, web process", 0.15, True),
        (f"{section.ARRIVAL}, web process", 0.16, False),
        (f"{section.MINUTE}, nobody is called", 0.7, True),
        (f"{section.MINUTE}, nobody is called", 0.71, False),
    ],
)
def test_a_rate_may_fall_and_a_memory_rise_a_little(what: str, here: float, holds: bool) -> None:
    """What has no bar is only shown; what counts is the median of the ratios."""
    assert Pair(what, [here * 10, here, 1000.0], [10.0, 1.0, 1.0]).holds is holds


def test_a_table_is_read_as_it_is_printed() -> None:
    """Thousands with their commas; the head and the rule are no figures."""
    text = "| what | figure | bare |\n|---|---|---|\n"
    text += "| joins a second | 22,409 | 45,540 |\n| a join, p99 | 9.3 ms |  |\n"
    assert dict(rows(text)) == {"joins a second": 22_409.0, "a join, p99": 9.3}


def test_a_section_is_run_by_the_name_that_it_has_there(tmp_path: Path) -> None:
    """An earlier checkout may have its module elsewhere; a section without one is the benchmark's."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "bench_tick.py").touch()
    assert command(tmp_path, "tick") == [sys.executable, "-m", "tests.bench_tick"]
    assert command(tmp_path, "joins") == [sys.executable, "-m", "loadtests.bench", "--only", "joins"]


def test_what_is_seen_from_outside_is_measured_by_this_checkout(tmp_path: Path) -> None:
    """At the service of the other one: the same hands at both."""
    command_there = command(tmp_path, "arrival")
    assert command_there == [sys.executable, "-m", "loadtests.bench.arrival", "--service", str(tmp_path)]


def test_both_take_turns_in_being_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what else the machine does meets both alike."""
    asked: list[str] = []

    def figures(checkout: Path, section: str) -> dict[str, float]:
        asked.append(checkout.name)
        return {"joins a second": 2.0 if checkout.name == "here" else 1.0}

    monkeypatch.setattr(paired, "figures", figures)
    (pair,) = paired.measure("joins", Path("here"), Path("other"), 2)
    assert asked == ["here", "other", "other", "here"]
    assert (pair.here, pair.other, pair.ratio) == ([2.0, 2.0], [1.0, 1.0], 2.0)


def test_a_run_that_measures_nothing_is_done_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It says why; a second one in a row ends the whole."""
    flaky = f"import pathlib, sys; p = pathlib.Path({str(tmp_path / 'once')!r}); p.exists() or sys.exit(p.touch())"
    monkeypatch.setitem(paired.PARTS, "flaky", f"{flaky}; print('| joins a second | 2 |')")
    assert paired.figures(tmp_path, "flaky") == {"joins a second": 2.0}
    assert "measured nothing" in capfd.readouterr().err
    monkeypatch.setitem(paired.PARTS, "broken", "raise SystemExit('nobody came')")
    with pytest.raises(SystemExit, match="nobody came"):
        paired.figures(tmp_path, "broken")
