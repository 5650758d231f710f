"""An operator's moves from the shell."""

import json

import pytest

from foundation.audit import audit
from tests.integration.config.commands.shell import CREATE, add_staff, guichet, one_sentence, rows


def test_a_period_is_created_announced_armed_and_closed(database_url: str) -> None:
    """The moves work from the shell, answer a line of JSON, and stand in the audit log with their actor."""
    add_staff(database_url, "jeanne")
    made = guichet(*CREATE, "--cap", "50", "--token-seconds", "60", url=database_url)
    assert made.exit_code == 0, made.stderr
    shown = json.loads(made.stdout)
    assert (shown["id"], shown["state"], shown["cap"], shown["token_seconds"]) == ("june", "draft", 50, 60)
    assert shown["opens_at"] == "2099-06-13T12:30:00.000Z"
    assert "person_key" not in shown
    for move, state in (("announce", "announced"), ("arm", "armed"), ("close", "closed")):
        moved = guichet("period", move, "june", "--as", "jeanne", url=database_url)
        assert moved.exit_code == 0, moved.stderr
        assert json.loads(moved.stdout)["state"] == state
    assert [row.actor for row in rows(database_url, audit)][1:] == ["jeanne"] * 4
    listed = guichet("period", "show", url=database_url)
    assert [json.loads(line)["id"] for line in listed.stdout.splitlines()] == ["june"]


def test_a_move_that_is_not_allowed_is_refused_with_its_code(sqlite_url: str) -> None:
    """Pausing a draft answers the life cycle's refusal, as the API would."""
    add_staff(sqlite_url, "jeanne")
    guichet(*CREATE, url=sqlite_url)
    one_sentence(
        guichet("period", "pause", "june", "--as", "jeanne", url=sqlite_url), "move_not_allowed", "draft"
    )


def test_an_unknown_period_is_one_sentence(database_url: str) -> None:
    """Each command that names a period says that there is none."""
    add_staff(database_url, "jeanne")
    for command in (
        ("period", "show", "nope"),
        ("verify", "--period", "nope"),
        ("period", "arm", "nope", "--as", "jeanne"),
    ):
        one_sentence(guichet(*command, url=database_url), "not_found")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--programme": "nope"}, ("no programme nope", "demo")),
        ({"--opens-at": "noon"}, ("noon is not an instant",)),
    ],
)
def test_a_wrong_rule_is_one_sentence(
    sqlite_url: str, change: dict[str, str], words: tuple[str, ...]
) -> None:
    """An unknown programme or a time that is none is named."""
    command = list(CREATE)
    for option, value in change.items():
        command[command.index(option) + 1] = value
    one_sentence(guichet(*command, url=sqlite_url), *words)
