"""Whether SQL came back from a copy, what it has forgotten, and how the next epoch begins above what anybody knows."""

from typing import Any

import msgspec
import pytest

from quota.period_bounds import LONGEST_NOTICE
from quota.store import Period
from tests.unit.waitingroom.feed.test_position_frames import period
from waitingroom.line.setbacks import (
    MOST_SKIPPED,
    Recollection,
    Setback,
    is_behind,
    next_row,
    notice,
    of_line,
    of_row,
    setback,
    unknown_numbers,
)
from waitingroom.line.snapshot import bitmap

NOW = 1_781_354_000_000

COPY: dict[str, Any] = {
    "epoch": 3, "version": 400, "mark": 900, "clock": 60_000, "accepted": 5, "held": 9, "cap": 50,
    "ticked_at": NOW - 600_000, "opens_at": NOW - 3_600_000, "entry_mark": 0, "entries": None,
}  # fmt: skip

NOBODY = Recollection()


def copy(**values: Any) -> Period:
    """A row that is ten minutes old."""
    return period(**COPY | values)


def knew(**values: Any) -> Recollection:
    """A line that knows what the copy knows, and this."""
    return Recollection(**{"epoch": 3, "version": 400, "mark": 900, "clock": 60_000, "accepted": 5} | values)


@pytest.mark.parametrize("field", ["epoch", "version", "mark", "clock", "accepted", "entry_mark"])
def test_what_only_rises_has_not_gone_down(field: str) -> None:
    """One more of any of these in the line is a row that SQL has forgotten; one less is a line that lags."""
    known = getattr(copy(), field)
    assert is_behind(copy(), knew(**{field: known + 1}))
    assert not is_behind(copy(), knew(**{field: known}))
    assert not is_behind(copy(), knew(**{field: max(0, known - 1)}))


def test_a_later_epoch_was_settled_when_it_began() -> None:
    """Its clock and its count may stand below those of the line that it replaces: that is on the record already."""
    assert not is_behind(copy(epoch=4), knew(version=999, clock=90_000, accepted=8))
    assert setback(copy(epoch=4), [], knew(gone=bitmap([1])), NOBODY) is None


def test_what_is_forgotten_is_named() -> None:
    """Numbers that were gone from the line and have no row, submissions by the line's count, and the copy's instant."""
    found = setback(copy(), [1, 2], knew(accepted=7, gone=bitmap([1, 2, 5, 9])), NOBODY)
    assert found == Setback(known_at=NOW - 600_000, numbers=[5, 9], submissions=2)
    assert found.is_harmful
    assert setback(copy(), [1, 2, 3], knew(gone=bitmap([1, 2])), NOBODY) is None
    quiet = setback(copy(), [1], knew(version=401, gone=bitmap([1])), NOBODY)
    assert quiet is not None
    assert not quiet.is_harmful


def test_a_new_epoch_begins_above_everything_that_anybody_knows() -> None:
    """The line's last number, its mark, its epoch; what a process read; never below the row's own."""
    line = knew(epoch=6, version=450, mark=1_000, seq=1_050, is_intact=True)
    process = of_row(copy(epoch=7, version=470, mark=1_200), NOW - 9_000, NOW - 1_000, NOW)
    values = next_row(copy(), line, process, None, NOW)
    assert (values["epoch"], values["version"], values["mark"]) == (8, 471, 1_200)
    assert next_row(copy(), NOBODY, NOBODY, None, NOW)["epoch"] == 4
    assert next_row(copy(), line, NOBODY, None, NOW)["mark"] == 1_050


STATE = {
    "epoch": "3",
    "version": "9",
    "ticked": str(NOW),
    "accepted": "2",
    "entries": "-1",
    "state": "closed",
}


def test_the_line_speaks_as_it_wrote_its_state() -> None:
    """What is missing is nothing; entries that are not counted are -1, not 0."""
    assert of_line(True, 12, STATE, b"") == Recollection(
        is_intact=True, seq=12, epoch=3, version=9, at=NOW, accepted=2, ended=True
    )
    assert of_line(False, 0, {}, b"") == NOBODY


@pytest.mark.parametrize(
    ("row", "line", "process", "skipped"),
    [
        ({}, NOBODY, NOBODY, MOST_SKIPPED),
        ({"ticked_at": NOW - 20_000}, NOBODY, NOBODY, 20_000),
        ({"ticked_at": NOW - 20_000}, knew(at=NOW - 5_000), NOBODY, 5_000),
        ({"opens_at": NOW - 2_000}, NOBODY, NOBODY, 2_000),
        ({"state": "armed", "opens_at": NOW + 9_000}, NOBODY, NOBODY, 0),
        ({"state": "closed"}, NOBODY, NOBODY, 0),
        ({"epoch": 0}, NOBODY, NOBODY, 0),
        ({"ticked_at": 0}, NOBODY, NOBODY, 0),
        ({}, knew(is_intact=True), NOBODY, 0),
        ({}, NOBODY, of_row(copy(), NOW - 700_000, NOW - 500, NOW), 0),
        ({}, NOBODY, of_row(copy(), NOW - 5_000, NOW - 500, NOW), MOST_SKIPPED),
        ({}, NOBODY, of_row(copy(version=999), NOW - 700_000, NOW - 3_000, NOW), 3_000),
    ],
)
def test_numbers_are_skipped_where_both_stores_may_be_copies(
    row: dict[str, Any], line: Recollection, process: Recollection, skipped: int
) -> None:
    """By the time of which nobody knows, within the opening; none where somebody remembers without a gap."""
    assert unknown_numbers(copy(**row), line, process, NOW) == skipped


def test_entries_are_skipped_before_a_draw_and_counted_ones_come_back() -> None:
    """Before they are counted the mark of entries rises; how many there were is never counted a second time."""
    entering = copy(
        mode="draw", state="armed", opens_at=NOW + 60_000, entries_from=NOW - 900_000, entry_mark=40
    )
    values = next_row(entering, NOBODY, NOBODY, None, NOW)
    assert (values["entry_mark"], values["mark"]) == (40 + MOST_SKIPPED, 900)
    counted = next_row(entering, knew(entries=950, entry_mark=960, is_intact=True), NOBODY, None, NOW)
    assert (counted["entries"], counted["entry_mark"], counted["mark"]) == (950, 960, 950)


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        (knew(version=401), None),
        (knew(version=401, paused=True), (True, False)),
        (knew(version=401, suspended=True), (True, True)),
        (knew(version=401, ended=True), (True, True)),
        (knew(version=399, ended=True), None),
    ],
)
def test_what_was_stopped_after_the_copy_stays_stopped(
    line: Recollection, flags: tuple[bool, bool] | None
) -> None:
    """An end that the copy does not know of is a suspension: nobody opens again by accident (P10)."""
    row = copy()
    values = next_row(row, line, NOBODY, setback(row, [], line, NOBODY), NOW)
    assert (flags is None) == ("suspended" not in values)
    if flags is not None:
        assert (values["paused"], values["suspended"], values["paused_at"]) == (*flags, NOW)


def test_people_are_told_of_when_the_copy_is() -> None:
    """Before what operators wrote, where both fit; nothing where nobody was told anything that is lost."""
    found = Setback(known_at=NOW, numbers=[4], submissions=0)
    text = notice(found, None)
    assert (
        "copie du 13\N{NO-BREAK SPACE}juin\N{NO-BREAK SPACE}2026 à 8\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}33"
        in text
    )
    assert len(text) <= LONGEST_NOTICE
    assert notice(found, "Fin à 16 h.") == f"{text} Fin à 16 h."
    assert notice(found, "x" * LONGEST_NOTICE) == text
    quiet = msgspec.structs.replace(found, numbers=[])
    assert "notice" not in next_row(copy(), knew(version=401), NOBODY, quiet, NOW)
    assert next_row(copy(), knew(version=401), NOBODY, found, NOW)["notice"] == text
