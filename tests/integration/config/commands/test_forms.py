"""`guichet forms check` and `move`."""

import json
from pathlib import Path

from foundation.audit import audit
from tests.integration.config.commands.shell import guichet, one_sentence, rows
from tests.support.forms.small import field, section, text


def test_every_form_of_the_installation_is_checked() -> None:
    """What each asks, and where they are."""
    result = guichet("forms", "check")
    assert result.exit_code == 0
    assert "demo, version 1 (sample)" in result.stdout


def test_one_file_is_checked(tmp_path: Path) -> None:
    """With a mistake, file, line, key and reason, and exit status 1."""
    path = tmp_path / "essai.1.toml"
    path.write_text(text(section("a", field("b"))), "utf-8")
    assert "1 sections (0 repeated), 1 fields" in guichet("forms", "check", str(path)).stdout
    path.write_text(text(section("a", field("b", "nombre"))), "utf-8")
    one_sentence(guichet("forms", "check", str(path)), "key sections[0].fields[0].type")
    one_sentence(guichet("forms", "check", str(tmp_path / "nowhere.toml")), "cannot be read")


def test_moving_drafts_is_on_the_record(sqlite_url: str) -> None:
    """By whom, of which programme, to which version; a programme that there is not leaves none."""
    result = guichet("forms", "move", "demo", url=sqlite_url)
    assert result.exit_code == 0, result.stderr
    one_sentence(guichet("forms", "move", "nowhere", url=sqlite_url), "nowhere")
    (line,) = rows(sqlite_url, audit)
    assert (line.actor, line.act) == ("command-line", "forms_move")
    assert json.loads(line.detail) == {"programme": "demo", "version": "1"}
