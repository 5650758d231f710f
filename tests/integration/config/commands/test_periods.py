"""An operator's moves from the shell."""

import json
from pathlib import Path

import pytest

from foundation.audit import audit
from tests.integration.config.commands.shell import CREATE, add_staff, guichet, one_sentence, rows
from tests.support.places import ROOT


def test_a_period_is_created_announced_armed_and_closed(database_url: str) -> None:
    """The moves work from the shell, answer a line of JSON, and stand in the audit log with their actor."""
    add_staff(database_url, "jeanne")
    add_staff(database_url, "karim")
    odd = guichet(*CREATE, "--cap", "50", "--token-seconds", "20", url=database_url)
    one_sentence(odd, "invalid", "cap", "token_seconds", "motif")
    given = ("--cap", "50", "--token-seconds", "20", "--reason", "essai")
    made = guichet(*CREATE, *given, url=database_url)
    assert made.exit_code == 0, made.stderr
    shown = json.loads(made.stdout)
    assert (shown["id"], shown["state"], shown["cap"], shown["token_seconds"]) == ("june", "draft", 50, 20)
    assert shown["opens_at"] == "2099-06-15T12:30:00.000Z"
    assert shown["opens_at_local"] == "lundi 15 juin 2099 à 8 h 30"
    assert "person_key" not in shown
    retyped = ("--cap", "50", "--opens-at", "2099-06-15")
    for move, state, name, more in (
        ("announce", "announced", "jeanne", ()),
        ("arm", "armed", "karim", retyped),
        ("disarm", "announced", "karim", ()),
        ("arm", "armed", "karim", retyped),
        ("close", "closed", "jeanne", ()),
    ):
        moved = guichet("period", move, "june", *more, "--as", name, url=database_url)
        assert moved.exit_code == 0, moved.stderr
        assert json.loads(moved.stdout)["state"] == state
    acts = [(row.actor, row.act) for row in rows(database_url, audit) if row.act != "operator_add"]
    assert acts == [
        ("jeanne", "refused"), ("jeanne", "create"), ("jeanne", "announce"), ("karim", "arm"), ("karim", "disarm"),
        ("karim", "arm"), ("jeanne", "close"),
    ]  # fmt: skip
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
        ("period", "arm", "nope", "--cap", "1", "--opens-at", "2099-06-15", "--as", "jeanne"),
        ("period", "annul", "nope", "--reason", "x", "--as", "jeanne"),
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


def test_a_draft_is_corrected_and_removed_from_the_shell(sqlite_url: str) -> None:
    """A stale version is refused; what is left out stays."""
    add_staff(sqlite_url, "jeanne", "karim")
    guichet(*CREATE, url=sqlite_url)
    fixed = guichet(
        "period", "correct", "june", "--opens-at", "2099-06-16", "--version", "1", "--as", "jeanne", url=sqlite_url
    )  # fmt: skip
    assert json.loads(fixed.stdout)["opens_at_local"] == "mardi 16 juin 2099 à 8 h 30"
    stale = guichet("period", "remove", "june", "--version", "1", "--as", "jeanne", url=sqlite_url)
    one_sentence(stale, "changed_meanwhile")
    assert (
        guichet("period", "remove", "june", "--version", "2", "--as", "jeanne", url=sqlite_url).exit_code == 0
    )
    assert guichet("period", "show", url=sqlite_url).stdout == ""


def test_one_person_does_not_arm_from_the_shell(sqlite_url: str) -> None:
    """Nor does another who types something else; and what is over is annulled by two."""
    add_staff(sqlite_url, "jeanne", "karim")
    guichet(*CREATE, url=sqlite_url)
    guichet("period", "announce", "june", "--as", "jeanne", url=sqlite_url)
    arm = ("period", "arm", "june", "--opens-at", "2099-06-15")
    one_sentence(guichet(*arm, "--cap", "5073", "--as", "jeanne", url=sqlite_url), "second_person_needed")
    one_sentence(
        guichet(*arm, "--cap", "5074", "--as", "karim", url=sqlite_url), "retyped_differently", "cap"
    )
    guichet("period", "close", "june", "--as", "jeanne", url=sqlite_url)
    annul = ("period", "annul", "june", "--as")
    first = guichet(*annul, "jeanne", "--reason", "essai", url=sqlite_url)
    one_sentence(first, "second_person_needed")
    done = guichet(*annul, "karim", url=sqlite_url)
    assert json.loads(done.stdout)["state"] == "annulled"


def test_a_shell_with_other_files_arms_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """The rules that were announced are not those of its folder: fails closed, in one sentence."""
    add_staff(sqlite_url, "jeanne", "karim")
    guichet(*CREATE, url=sqlite_url)
    guichet("period", "announce", "june", "--as", "jeanne", url=sqlite_url)
    other = (
        (ROOT / "config" / "programmes" / "demo.toml")
        .read_text("utf-8")
        .replace("minutes = 60", "minutes = 5")
    )
    (tmp_path / "demo.toml").write_text(other, "utf-8")
    arm = ("period", "arm", "june", "--cap", "5073", "--opens-at", "2099-06-15", "--as", "karim")
    one_sentence(guichet(*arm, url=sqlite_url, PROGRAMMES_DIR=str(tmp_path)), "PROGRAMMES_DIR")
    assert guichet(*arm, url=sqlite_url).exit_code == 0


def test_released_places_are_shown_and_offered_from_the_shell(sqlite_url: str) -> None:
    """Ours keeps them closed: the balance says so, and a period that would offer them is refused."""
    add_staff(sqlite_url, "jeanne")
    shown = guichet("period", "released", "demo", url=sqlite_url)
    assert json.loads(shown.stdout) == {
        "on_unpaid": "keep_closed", "released": 0, "offered": 0, "available": 0, "periods": [],
    }  # fmt: skip
    one_sentence(guichet(*CREATE, "--from-released", url=sqlite_url), "no_released_places", "keep_closed")
