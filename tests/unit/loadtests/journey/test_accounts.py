"""Whose accounts a crowd uses."""

import io
import json
from pathlib import Path

import pytest

from loadtests.journey.accounts import AccountPattern, read_accounts
from loadtests.journey.plan import PlannedPerson

WRITTEN = {"username": "foule-%05d", "password": "x", "answers": ["a", "b"], "first": 3}


def test_accounts_are_counted_from_the_first() -> None:
    """All share their secrets."""
    pattern = AccountPattern("foule-%05d", "x", ("a", "b"), first=3)
    assert pattern.person(0) == PlannedPerson("foule-00003", "x", ("a", "b"))
    assert pattern.person(4).username == "foule-00007"


def test_they_come_from_a_file_or_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never from the command line, which everybody on the machine sees."""
    (tmp_path / "accounts.json").write_text(json.dumps(WRITTEN))
    found = read_accounts(str(tmp_path / "accounts.json"))
    assert (found.first, found.answers) == (3, ("a", "b"))
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(WRITTEN)))
    assert read_accounts("-") == found


@pytest.mark.parametrize("text", ["{}", "no json", '{"username": 1}'])
def test_what_is_no_pattern_is_one_sentence(tmp_path: Path, text: str) -> None:
    """With the file's name; a file that is not there too."""
    (tmp_path / "accounts.json").write_text(text)
    with pytest.raises(SystemExit, match=r"cannot be read from .*accounts.json"):
        read_accounts(str(tmp_path / "accounts.json"))
    with pytest.raises(SystemExit, match="cannot be read"):
        read_accounts(str(tmp_path / "none.json"))
