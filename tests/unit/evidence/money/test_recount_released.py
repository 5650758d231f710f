"""Places of unpaid applications, counted from books: never more offered again than were released."""

from typing import Any

import pytest

from evidence.books import Books, ProgrammePeriodRow
from evidence.money.recount_released import figures, released_once
from tests.support.casework.released import REOPENING
from tests.unit.evidence.sound_books import a_period


def row(id: str, state: str, cap: int = 100, tombstones: int = 0, **values: Any) -> ProgrammePeriodRow:
    given = {"from_released": False, "rules": REOPENING["rules"]} | values
    return ProgrammePeriodRow(id=id, state=state, cap=cap, tombstones=tombstones, **given)


def again(id: str, cap: int, state: str = "open") -> ProgrammePeriodRow:
    return row(id, state, cap, from_released=True)


def books(*rows: ProgrammePeriodRow) -> Books:
    return Books(period=a_period(), programme=list(rows))


SOURCE = row("juin", "closed", tombstones=3)


@pytest.mark.parametrize(
    ("rows", "offered", "released"),
    [
        ((SOURCE,), 0, 3), ((SOURCE, again("reprise", 3)), 3, 3),
        ((SOURCE, again("reprise", 3), again("autre", 2, "annulled")), 3, 3),
        ((row("juin", "annulled", tombstones=3), again("reprise", 3)), 3, 3),
        ((SOURCE, row("reprise", "closed", 3, taken=1, from_released=True), again("autre", 2)), 3, 3),
    ],
)  # fmt: skip
def test_what_was_released_is_offered_once(
    rows: tuple[ProgrammePeriodRow, ...], offered: int, released: int
) -> None:
    told = books(*rows)
    assert released_once(told) == []
    begun = f"places of unpaid applications: {released} released, {offered} offered again"
    assert figures(told).startswith(begun)


@pytest.mark.parametrize(
    "source",
    [
        row("juin", "closed", tombstones=1), row("juin", "open", tombstones=3),
        row("juin", "closed", tombstones=3, rules=None),
        row("juin", "closed", tombstones=3, rules='{"payment":{"on_unpaid":"keep_closed"}}'),
    ],
    ids=["fewer", "not over", "no rules", "kept closed"],
)  # fmt: skip
def test_more_than_was_released_is_named(source: ProgrammePeriodRow) -> None:
    (broken,) = released_once(books(source, again("reprise", 1), again("encore", 1, "draft")))
    assert broken.sentence.startswith("2 places were offered again")
    assert broken.rows[:2] == ["reprise: 1 offered", "encore: 1 offered"]


def test_a_programme_that_offers_nothing_again_is_not_spoken_of() -> None:
    assert figures(books(row("juin", "closed", rules=None, tombstones=4))) == ""
