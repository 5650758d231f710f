"""The version of the program."""

import tomllib

from click.testing import CliRunner

from config.cli import main
from config.version import VERSION
from tests.support.places import ROOT


def test_it_is_the_projects() -> None:
    """It is written in one place."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_the_command_line_says_it() -> None:
    """With the program's name, and nothing else is read or opened."""
    result = CliRunner().invoke(main, ["--version"], env={"REDIS_URL": ""})
    assert (result.exit_code, result.output) == (0, f"guichet {VERSION}\n")
