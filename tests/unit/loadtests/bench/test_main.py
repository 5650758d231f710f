"""`python -m loadtests.bench`: a section for each benchmark, and a place for each in the page."""

import pytest

from loadtests.bench.__main__ import SECTIONS, measure
from tests.support.places import ROOT


def test_every_section_has_its_place() -> None:
    """In the page that `make bench` writes."""
    page = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    for name in SECTIONS:
        assert f"<!-- bench:{name} -->" in page
        assert f"<!-- /bench:{name} -->" in page


def test_a_section_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With those that there are, before anything is measured."""
    with pytest.raises(SystemExit) as ended:
        measure(SECTIONS, ["--only", "nonsense"])
    assert ended.value.code == 2
    assert "slowloris" in capsys.readouterr().err
