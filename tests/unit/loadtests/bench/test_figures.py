"""Figures are kept with their machine, and a missed bar is said."""

from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from loadtests.bench import __main__
from loadtests.bench.figures import Figure, FigureSection, Found, keep, machine
from loadtests.bench.picture import Axis, Picture

FIGURE = Figure(what="joins a second", value=5000, bare=20000, least=0.45, rounds=(4900, 5000, 5100))

CURVE = Picture(
    name="growth", title="How it grows", x=Axis("tickets", log=True), y=Axis("ms"),
    lines={"one tick": [(1000, 0.1), (1_000_000, 20)]},
)  # fmt: skip

FOUND = Found([FIGURE], {"people": "90,000 over 128"}, [CURVE])


@pytest.mark.parametrize(
    ("figure", "held"),
    [
        (FIGURE, False),
        (msgspec.structs.replace(FIGURE, value=9_000), True),
        (Figure(what="age", value=1.4, most=1.5), True),
        (Figure(what="age", value=1.6, most=1.5), False),
        (Figure(what="memory", value=22, bare=20, most=1.15), True),
        (Figure(what="sockets", value=1), None),
    ],
)
def test_a_bar_is_for_the_ratio_where_there_is_a_counterpart(figure: Figure, held: bool | None) -> None:
    """Otherwise it is for the value; without a bar nothing is claimed."""
    assert figure.held is held


def test_the_figures_are_written_with_their_machine(tmp_path: Path) -> None:
    """As JSON, as a table and as a picture, as often as it is run; other sections and the words around them stay."""
    page, marks = tmp_path / "benchmarks.md", "<!-- bench:a -->\nold\n<!-- /bench:a -->"
    page.write_text(f"Before.\n{marks}\nBetween.\n{marks.replace(':a', ':b')}\nAfter.\n", encoding="utf-8")
    for name in ("a", "b", "a"):
        keep(tmp_path, name, FOUND)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.\n<!-- bench:a -->") and text.endswith("<!-- /bench:b -->\nAfter.\n")
    assert "| joins a second | 5,000 | 20,000 | 0.25 | ≥ 0.45 | **missed** |" in text
    assert "2 cores" in text.replace(f"{machine()['cores']} cores", "2 cores") and "old" not in text
    kept = msgspec.json.decode((tmp_path / "benchmarks.json").read_bytes(), type=dict[str, FigureSection])
    assert kept["a"].figures == kept["b"].figures == [FIGURE]
    drawn = (tmp_path / "bench" / "growth.svg").read_text(encoding="utf-8")
    assert ET.fromstring(drawn).tag.endswith("svg") and "one tick" in drawn


def test_a_page_without_a_place_for_figures_is_said(tmp_path: Path) -> None:
    """Nothing is lost by writing into the wrong page."""
    (tmp_path / "benchmarks.md").write_text("Nothing here.\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no place"):
        keep(tmp_path, "a", FOUND)
    assert (tmp_path / "benchmarks.md").read_text(encoding="utf-8") == "Nothing here.\n"


def test_a_missed_bar_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """A run that missed a bar says which one and ends with 1; one that held it ends with 0."""
    held = Found([msgspec.structs.replace(FIGURE, value=10_000)])
    assert __main__.measure({"good": lambda: held, "bad": lambda: FOUND}, []) == 1
    assert "joins a second" in capsys.readouterr().err
    assert __main__.measure({"good": lambda: held, "bad": lambda: FOUND}, ["--only", "good"]) == 0
