"""`guichet verify` in mode draw: a kept draw is found kept; whatever is altered in the books or in a file is found."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click.testing
import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from msgspec.structs import replace

from config.cli import main
from evidence import verify_draw
from evidence.books import Books, CallRow, JournalRow, TokenRow
from evidence.recount import recount
from evidence.recount_draw import drawn_order
from evidence.verify import read
from foundation.sql.database import Database
from quota.draw_order import commitment, order
from tests.integration.evidence.test_verify import T0, a_period
from tests.integration.waitingroom.draw.test_entries import SEED, VALUE, called, make_draw, opening, ticker
from tests.support.rooms import builtins, hall
from waitingroom.line import journal

NUMBERS = order(SEED, "demo", 6, VALUE)


def good_books() -> Books:
    """Six entered, one of them restored; all were drawn, one joined later; the first two are called."""
    tokens = [
        TokenRow(
            id=n, number=n, state="live", call=1, called_at=T0, called_clock=0, ends=600_000, jti=f"j{n}"
        )
        for n in (1, 2)
    ]
    return Books(
        period=a_period(
            epoch=1, held=2, accepted=0, mark=106, mode="draw", entries_from=T0 - 1000, value_is="Lotto",
            commitment=commitment(SEED), entry_mark=100, entries=6, public_value=VALUE, seed=SEED, drawn_at=T0,
        ),
        entries=[
            JournalRow(1, T0 - 900, 0, "entry", 1, 4),
            JournalRow(1, T0 - 800, 0, "reentry", 2, 2),
            JournalRow(1, T0 - 700, 0, "entry", 5, 6),
            JournalRow(1, T0 - 10, 0, "drawn", 1, 6),
            JournalRow(1, T0 + 10, 0, "join", 7, 7),
        ],
        tokens=tokens,
        calls=[CallRow(id=1, epoch=1, clock=0, listed_at=T0)],
    )  # fmt: skip


def test_right_books_hold() -> None:
    """The twin of all below."""
    assert recount(good_books()) == []


def period_with(**changes: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, period=replace(books.period, **changes))


def entry_with(at: int, **changes: Any) -> Callable[[Books], Books]:
    def change(books: Books) -> Books:
        entries = list(books.entries)
        entries[at] = replace(entries[at], **changes)
        return replace(books, entries=entries)

    return change


def number_with(number: int) -> Callable[[Books], Books]:
    """The second who was called has another number in the row."""
    return lambda books: replace(books, tokens=[books.tokens[0], replace(books.tokens[1], number=number)])


SPOILED: dict[str, tuple[Callable[[Books], Books], str]] = {
    "another seed": (period_with(seed="ab" * 32), "not the one that was committed to"),
    "another commitment": (period_with(commitment="ab" * 32), "not the one that was committed to"),
    "no seed": (period_with(seed=None), "before it was drawn"),
    "an entry not counted": (period_with(entries=5), "not among the 5"),
    "a lower mark": (period_with(entry_mark=5), "above the mark of 5"),
    "entries twice": (entry_with(2, first=4), "given twice"),
    "a join among the entries": (entry_with(4, first=6, last=6), "among those of the entries"),
    "a number of nobody": (entry_with(2, first=5, last=5), "that no entry drew"),
    "in order of arrival": (period_with(mode="fifo"), "draws nothing"),
}


@pytest.mark.parametrize("what", list(SPOILED))
def test_whatever_is_spoiled_is_found(what: str) -> None:
    """One thing is wrong, and P1 is said to be broken, with that."""
    spoil, said = SPOILED[what]
    broken = recount(spoil(good_books()))
    assert any(one.promise == "P1" and said in one.sentence and one.rows for one in broken), broken


def test_one_altered_number_is_found() -> None:
    """Somebody wrote themselves a better number, or another one: whoever had it was passed (P7), or nobody drew it."""
    for number in (3, 6, 7):
        broken = recount(number_with(number)(good_books()))
        assert [one.promise for one in broken] == ["P7"], number
    missing = replace(
        good_books(), entries=[e for e in good_books().entries if e.kind != "entry" or e.first > 1]
    )
    assert any("no entry drew" in one.sentence for one in drawn_order(missing))


def test_after_a_loss_the_journal_may_lack_entries() -> None:
    """In a later epoch a number whose entry the lost journal had is not held against anybody."""
    lost = replace(good_books(), entries=good_books().entries[2:])
    assert drawn_order(lost) != []
    assert drawn_order(period_with(epoch=2)(lost)) == []


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
        "period", "create", "p1", "--programme", "demo", "--opens-at", "2099-06-13T08:30", "--as", "agnes",
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

    at = "2099-06-13T08:30"
    made = period(
        "create", "p1", "--programme", "demo", "--opens-at", at, "--mode", "draw", "--value-is", "Lotto"
    )
    assert (made["mode"], made["entries_from"]) == ("draw", "2099-06-13T12:00:00.000Z")
    assert period("mode", "p1", "--mode", "fifo")["value_is"] is None
    changed = period(
        "mode", "p1", "--mode", "draw", "--value-is", "Lotto 6/49", "--entries-from", "2099-06-13T06:00"
    )
    assert changed["entries_from"] == "2099-06-13T10:00:00.000Z"
    assert changed["commitment"] is None
    announced = period("announce", "p1")
    assert len(announced["commitment"]) == 64
    assert announced["seed"] is None
    refused = guichet("period", "mode", "p1", "--mode", "fifo", "--as", "agnes", DATABASE_URL=database_url)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert period("value", "p1", "01-02")["public_value"] == "01-02"
