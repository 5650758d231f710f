"""What people type at the command line, read as values."""

from pathlib import Path

import pytest

from config.commands.arguments import commanding, find_programme, instant
from config.failures import Failed
from config.settings import PROGRAMMES
from foundation.audit import Actor
from foundation.clock import parse_rfc3339


@pytest.mark.parametrize("text", ["2026-06-13T08:30", "2026-06-13T08:30:00-04:00", "2026-06-13T12:30:00Z"])
def test_an_instant_is_rfc_3339_or_montreal_time(text: str) -> None:
    """All three are half past eight in Montréal (WR-14)."""
    assert instant(text) == parse_rfc3339("2026-06-13T12:30:00Z")


@pytest.mark.parametrize("text", ["noon", "2026-13-01T08:30", ""])
def test_what_is_no_instant_is_one_sentence(text: str) -> None:
    """With an example of one."""
    with pytest.raises(Failed, match="give one such as"):
        instant(text)


def test_a_programme_is_looked_for_where_the_setting_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its own folder without the setting; another one has other programmes."""
    assert find_programme("demo").id == "demo"
    text = (PROGRAMMES / "demo.toml").read_text(encoding="utf-8")
    (tmp_path / "autre.toml").write_text(text.replace('id = "demo"', 'id = "autre"', 1), encoding="utf-8")
    monkeypatch.setenv("PROGRAMMES_DIR", str(tmp_path))
    assert find_programme("autre").id == "autre"
    with pytest.raises(Failed, match="no programme demo; there are: autre"):
        find_programme("demo")


@pytest.mark.parametrize(
    ("typed", "actor"),
    [
        (None, "command-line"),
        (" Jeanne ", "jeanne"),
        ("service", "unknown"),
        ("Command-Line", "unknown"),
        ("", "unknown"),
        ("  ", "unknown"),
    ],
)
def test_the_actor_of_a_command_is_the_operator_who_is_named(typed: str | None, actor: str) -> None:
    """A reserved name that is typed is nobody's, and an empty one is no way to name nobody."""
    assert commanding(typed) == Actor(actor, "command-line")
