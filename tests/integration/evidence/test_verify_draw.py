"""`guichet verify` in mode draw: a kept draw is found kept; whatever is altered in the books or in a file is found."""

import io
import json
from pathlib import Path
from typing import Any

import click.testing
import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from config.cli import main
from evidence import verify_draw
from evidence.recount import recount
from evidence.verify import read
from foundation.sql.database import Database
from quota.draw_order import order
from tests.integration.waitingroom.draw.test_entries import SEED, VALUE, called, make_draw, opening, ticker
from tests.support.rooms import builtins, hall
from waitingroom.line import journal


async def test_a_whole_opening_is_verified(database: Database, database_url: str, redis_url: str) -> None:
    """What the room itself wrote holds, before the draw and after it, on both stores; one number altered in SQL and one
    letter of the seed do not."""
    period = await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:

        async def verified() -> tuple[int, str]:
            await journal.copy(database, h.room.line, period.uid)
            out = io.StringIO()
            return await verify_draw.verify_books(database_url, "essai", out), out.getvalue()

        for n in range(8):
            await h.join(f"v{n}")
        assert (await verified())[0] == 0
        await opening(h)
        await ticker(h)
        await h.join("late")
        await called(h, most=3)
        code, text = await verified()
        assert (code, "BROKEN" in text) == (0, False), text
        assert SEED in text and VALUE in text
        books = await read(database, "essai")
        assert recount(books) == []
        alter = sa.text("update token set number = 8 where number = 2")
        await database.write(lambda conn: conn.execute(alter))
        assert [one.promise for one in recount(await read(database, "essai"))] == ["P7"]
        await database.write(lambda conn: conn.execute(sa.text(f"update period set seed = '{'ab' * 32}'")))
        code, text = await verified()
        assert code == 1
        assert "not the one committed to" in text


def guichet(*arguments: str, **environ: str) -> click.testing.Result:
    return CliRunner().invoke(main, arguments, env=dict(environ))


async def test_a_published_file_is_verified_offline(
    database: Database, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """The public period, saved as it is answered, recomputes without a database; an altered number or seed does not."""
    await make_draw(database, public_value=VALUE)
    async with hall(database, redis_url) as h:
        for n in range(5):
            await h.join(f"v{n}")
        await opening(h)
        await ticker(h)
        published = builtins(h.summary(await h.period()))
    file = tmp_path / "essai.json"
    file.write_bytes(msgspec.json.encode(published))
    numbers = order(SEED, "essai", 5, VALUE)
    nowhere = f"sqlite:///{tmp_path}/nothing.db"
    said = guichet("verify", "--draw", "--file", str(file), "--entry", "2", DATABASE_URL=nowhere)
    assert (said.exit_code, said.stdout.splitlines()[-1]) == (0, f"entry 2: number {numbers[2]}"), said.output
    said = guichet("verify", "--draw", "--file", str(file))
    assert [int(line.split()[-1]) for line in said.stdout.splitlines()[-5:]] == list(numbers[1:])
    assert guichet("verify", "--draw", "--file", str(file), "--entry", "6").exit_code == 1
    for change in (
        {"numbers": {"2": numbers[3]}},
        {"seed": "ab" * 32},
        {"value": "1"},
        {"numbers": {"9": 9}},
    ):
        altered = json.loads(file.read_text())
        altered["draw"] |= {"numbers": {"1": numbers[1]}} | change
        (tmp_path / "altered.json").write_text(json.dumps(altered))
        said = guichet("verify", "--draw", "--file", str(tmp_path / "altered.json"))
        if change != {"value": "1"} or order(SEED, "essai", 5, "1")[1] != numbers[1]:
            assert said.exit_code == 1, change
            assert "BROKEN" in said.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--draw"],
        ["--file", "x"],
        ["--period", "a", "--draw", "--file", "x"],
        ["--period", "a", "--entry", "1"],
    ],
)
def test_what_verify_cannot_be_asked(wrong: list[str]) -> None:
    """One period or one file, and an entry only of a file: anything else is a wrong option."""
    assert guichet("verify", *wrong).exit_code == 2


def test_what_is_no_draw_is_one_sentence(tmp_path: Path, sqlite_url: str) -> None:
    """A file that is none, one that holds something else, and a period in order of arrival."""
    (tmp_path / "x").write_text("no")
    for file in ("x", "y"):
        said = guichet("verify", "--draw", "--file", str(tmp_path / file))
        assert (said.exit_code, len(said.stderr.strip().splitlines())) == (1, 1)
    created = guichet(
        "period", "create", "p1", "--programme", "demo", "--opens-at", "2099-06-15T08:30", "--as", "agnes",
        DATABASE_URL=sqlite_url,
    )  # fmt: skip
    assert created.exit_code == 0, created.output
    said = guichet("verify", "--draw", "--period", "p1", DATABASE_URL=sqlite_url)
    assert (said.exit_code, "first come" in said.stderr) == (1, True)


def test_the_command_line_makes_a_draw(database_url: str) -> None:
    """Create as a draw, change the rule while it is a draft, announce, record the value; no seed in any answer."""

    def period(*arguments: str) -> dict[str, Any]:
        result = guichet("period", *arguments, "--as", "agnes", DATABASE_URL=database_url)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    at = "2099-06-15T08:30"
    made = period(
        "create", "p1", "--programme", "demo", "--opens-at", at, "--mode", "draw", "--value-is", "Lotto"
    )
    assert (made["mode"], made["entries_from"]) == ("draw", "2099-06-15T12:00:00.000Z")
    assert period("mode", "p1", "--mode", "fifo")["value_is"] is None
    changed = period(
        "mode", "p1", "--mode", "draw", "--value-is", "Lotto 6/49", "--entries-from", "2099-06-15T06:00"
    )
    assert changed["entries_from"] == "2099-06-15T10:00:00.000Z"
    assert changed["commitment"] is None
    announced = period("announce", "p1")
    assert len(announced["commitment"]) == 64
    assert announced["seed"] is None
    refused = guichet("period", "mode", "p1", "--mode", "fifo", "--as", "agnes", DATABASE_URL=database_url)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert period("value", "p1", "01-02")["public_value"] == "01-02"
