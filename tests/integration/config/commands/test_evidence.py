"""`guichet verify` from the shell: what it is asked for, and what it says."""

from pathlib import Path

import pytest

from foundation.sql.database import Database
from quota import ledger
from tests.conftest import apart
from tests.integration.config.commands.shell import CREATE, add_staff, guichet, one_sentence
from waitingroom.line import restorations
from waitingroom.line.setbacks import Setback


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


def test_with_redis_the_line_is_asked_too(database_url: str, redis_url: str) -> None:
    """REDIS_URL is not needed; where it is given the last line but the audit's says whether the line answered."""
    add_staff(database_url, "jeanne")
    guichet(*CREATE, url=database_url)
    alone = guichet("verify", "--period", "june", url=database_url)
    assert "the line was not asked: give REDIS_URL" in alone.stdout
    both = guichet("verify", "--period", "june", url=database_url, REDIS_URL=redis_url)
    assert (both.exit_code, "the line was asked" in both.stdout) == (0, True)
    away = guichet("verify", "--period", "june", url=database_url, REDIS_URL="redis://127.0.0.1:1/0")
    assert (away.exit_code, "Redis does not answer" in away.stdout) == (0, True)


def test_what_copies_have_lost_is_listed_and_acknowledged(database_url: str) -> None:
    """By the period's public name; to acknowledge takes a name; an unknown period is one sentence."""
    add_staff(database_url, "jeanne")
    guichet(*CREATE, url=database_url)
    assert guichet("restorations", url=database_url).stdout == ""

    async def lose() -> None:
        database = Database(database_url)
        period = await database.read(lambda conn: ledger.period_by_id(conn, "june"))
        found = Setback(known_at=1_781_354_000_000, numbers=[4], submissions=2)
        await database.write(lambda conn: restorations.record(conn, period, found, 3, 1_781_354_600_000))
        await database.close()

    apart(lose())
    listed = guichet("restorations", url=database_url).stdout
    assert listed.startswith("june: found 2026-06-13T12:43:20.000Z, copy of 2026-06-13T12:33:20.000Z")
    assert "2 submissions, 1 calls and leaves (numbers 4)" in listed
    assert guichet("verify", "--period", "june", url=database_url).exit_code == 1
    assert guichet("restorations", "--acknowledge", "june", url=database_url).exit_code == 2
    done = guichet(
        "restorations", "--acknowledge", "june", "--as", "jeanne", "--reason", "vu", url=database_url
    )
    assert (done.exit_code, done.stderr) == (0, "1 acknowledged.\n")
    assert "acknowledged by jeanne" in guichet("restorations", url=database_url).stdout
    one_sentence(
        guichet("restorations", "--acknowledge", "rien", "--as", "jeanne", url=database_url), "not_found"
    )
