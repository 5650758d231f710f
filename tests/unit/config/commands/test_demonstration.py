"""`guichet demo` and `guichet rehearse`: their options reach what they start, with its own defaults."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from config.cli import main
from config.demo import demo
from config.demo.options import DemoOptions
from config.rehearsal import rehearse
from config.rehearsal.options import RehearsalOptions
from tests.support.places import ROOT


@pytest.mark.parametrize(
    ("arguments", "module", "expected"),
    [
        (["demo"], demo, DemoOptions()),
        (["demo", "--port", "0", "--cap", "9", "--draw"], demo, DemoOptions(port=0, cap=9, draw=True)),
        (["rehearse"], rehearse, RehearsalOptions()),
        (["demo", "--opens-in", "40"], demo, DemoOptions(opens_in=40.0)),
        (["rehearse", "--people", "20", "--seed", "1"], rehearse, RehearsalOptions(people=20, seed=1)),
        (["rehearse", "--whole", "0.5"], rehearse, RehearsalOptions(whole=0.5)),
        (["rehearse", "--whole", "0"], rehearse, RehearsalOptions(whole=0.0)),
    ],
)
def test_the_defaults_are_those_of_the_options(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], module: Any, expected: object
) -> None:
    """What is not typed is what the options say; what it ends with is the exit status."""
    asked: list[object] = []

    def run(options: object, environ: Mapping[str, str]) -> int:
        asked.append(options)
        return 3

    monkeypatch.setattr(module, "run", run)
    assert CliRunner().invoke(main, arguments).exit_code == 3
    assert asked == [expected]


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--cap", "0"],
        ["demo", "--accounts", "100000"],
        ["demo", "--opens-in", "0"],
        ["rehearse", "--people", "1"],
        ["rehearse", "--whole", "1.5"],
    ],
)
def test_what_cannot_be_is_refused(arguments: list[str]) -> None:
    """With exit status 2, and nothing is started."""
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_the_rehearsal_has_the_options_of_the_contract() -> None:
    """Each option, and its default where it has one; the same defaults in the command and in what it calls."""
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"`guichet rehearse ([^`]*)`", text)
    documented = dict(re.findall(r"\[(--[a-z-]+) ?([^\]]*)\]", row))
    options = {option.opts[0]: option for option in main.commands["rehearse"].params}
    assert set(documented) == set(options)
    for name in ("--people", "--cap", "--time-scale", "--seed", "--period"):
        default = options[name].default
        assert (f"{default:g}" if isinstance(default, float) else str(default)) == documented[name]
        assert getattr(RehearsalOptions(), name.removeprefix("--").replace("-", "_")) == default
