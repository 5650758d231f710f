"""The page about what many people need is what the figures and the arithmetic say."""

import importlib.util
import itertools
import sys
from types import ModuleType

import pytest

from tests.support.places import ROOT

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scale", DOCS / "tools" / "scale.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scale"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_figures_say(scale: ModuleType) -> None:
    """A benchmark that was run again is worked out again: `make bench` does both."""
    text = (DOCS / "scale.md").read_text(encoding="utf-8")
    assert scale.written(text, DOCS) == text, "run `python docs/tools/scale.py docs`"


def test_what_is_needed_follows_from_the_constants(scale: ModuleType) -> None:
    """Round numbers in, round numbers out."""
    c = {
        "arrival_ms": 6.0, "arrival_kib": 50.0, "minute_ms": 1.0, "minute_kib": 15.0, "joins": 20_000.0,
        "joins_one_core": 10_000.0, "sockets": 18_000.0, "socket_kib": 16.0, "submissions": 2000.0, "look_kb": 30.0,
        "looks_share": 0.3, "few_share": 0.1, "quiet_share": 0.04, "mark_ms": 2.0, "number_bytes": 200.0,
        "read_ms": 10.0,
    }  # fmt: skip
    need = scale.needs(10_000_000, 10, c)
    assert need.arriving_cores == pytest.approx(100)
    assert need.waiting_cores == pytest.approx(10_000_000 / 60_000)
    assert need.web == 556, "by the sockets: the cores for both would be 381"
    assert need.joins_core == pytest.approx(16_666.7 / 20_000, rel=1e-3)
    assert need.looks_core == pytest.approx(0.06 + 556 * 0.2 / 996)
    assert need.redis_in_mb == pytest.approx(556 * 1.25 / 5)
    assert need.redis_gb == pytest.approx(2)


def test_more_people_and_less_time_never_need_less(scale: ModuleType) -> None:
    """Each figure of the page goes up with the people, and down with the minutes, or stands."""
    values, _ = scale.read(DOCS)
    for minutes in scale.WITHIN_MINUTES:
        found = [scale.needs(people, minutes, values) for people in scale.PEOPLE]
        for less, more in itertools.pairwise(found):
            assert all(a <= b for a, b in zip(less[2:], more[2:], strict=True))


def test_what_was_never_measured_is_not_made_up(scale: ModuleType, tmp_path: object) -> None:
    """Without its figure a constant has no value, and the page is not written."""
    folder = type(DOCS)(str(tmp_path))
    (folder / "benchmarks.json").write_text("{}")
    with pytest.raises(SystemExit, match="has no"):
        scale.read(folder)
