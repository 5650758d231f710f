"""`guichet verify` from the shell: what it is asked for, and what it says."""

from pathlib import Path

import pytest

from tests.integration.config.commands.shell import CREATE, add_staff, guichet, one_sentence


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--period", "june", "--file", "x.json"),
        ("--file", "x.json"),
        ("--draw",),
        ("--draw", "--period", "june", "--entry", "1"),
    ],
)
def test_it_needs_a_period_or_a_file(arguments: tuple[str, ...]) -> None:
    """Exactly one of them; a file is a draw's, and an entry is looked up in a file."""
    result = guichet("verify", *arguments)
    assert result.exit_code == 2
    assert "Give --period ID" in result.stderr


def test_a_period_in_which_nothing_happened_holds(database_url: str) -> None:
    """A line for each promise, and exit status 0."""
    add_staff(database_url, "jeanne")
    guichet(*CREATE, url=database_url)
    result = guichet("verify", "--period", "june", url=database_url)
    assert result.exit_code == 0, result.output
    assert [line[:8] for line in result.stdout.splitlines()[1:8]] == [f"P{n} holds" for n in range(1, 8)]


def test_a_period_without_a_draw_is_one_sentence(sqlite_url: str) -> None:
    """There is nothing to recompute."""
    add_staff(sqlite_url, "jeanne")
    guichet(*CREATE, url=sqlite_url)
    one_sentence(guichet("verify", "--draw", "--period", "june", url=sqlite_url), "nothing is drawn in it")


def test_a_file_that_is_no_published_draw_is_one_sentence(tmp_path: Path) -> None:
    """The file is named; no database is asked for."""
    path = tmp_path / "draw.json"
    path.write_text("{}")
    one_sentence(guichet("verify", "--draw", "--file", str(path)), "draw.json")


def test_the_audit_is_verified_and_its_head_can_be_kept(database_url: str) -> None:
    """`verify --audit` prints the head; given again it is looked at; a changed line is exit status 1."""
    add_staff(database_url, "jeanne")
    guichet(*CREATE, url=database_url)
    whole = guichet("verify", "--audit", url=database_url)
    assert (whole.exit_code, whole.stdout.splitlines()[0][:9]) == (0, "P16 holds")
    head = whole.stdout.splitlines()[1].split(" head ")[1]
    guichet("period", "announce", "june", "--as", "jeanne", url=database_url)
    assert guichet("verify", "--audit", "--head", head, url=database_url).exit_code == 0
    wrong = guichet("verify", "--audit", "--head", f"1:{'0' * 64}", url=database_url)
    assert (wrong.exit_code, wrong.stdout.splitlines()[0][:10]) == (1, "P16 BROKEN")
    one_sentence(guichet("verify", "--audit", "--head", "1:0", url=database_url), "no head")
    assert guichet("verify", "--period", "june", "--audit", url=database_url).exit_code == 2
