"""What operators type is read as it is meant, and refused by its field."""

from collections.abc import Callable

import pytest

from console.bodies import ModeChange, PeriodCorrection
from console.typed import (
    MOST_PAGES,
    change_of,
    page_of,
    typed_closing,
    typed_instant,
    typed_opening,
    typed_rule,
    wrong_field,
)
from foundation.clock import parse_rfc3339
from foundation.errors import Code, Refusal
from quota.draw import Rule
from quota.period_bounds import DraftChange
from quota.programmes import load_all
from tests.support.places import ROOT

WINDOW = load_all(ROOT / "config" / "programmes")["prtq-2016"].window

OPENS = parse_rfc3339("2026-06-15T12:30:00Z")


def test_a_wrong_field_is_named() -> None:
    """One field, one reason."""
    refusal = wrong_field("cap", "doit être un nombre")
    assert (refusal.code, refusal.fields) == (
        Code.INVALID,
        {"fields": [{"name": "cap", "reason": "doit être un nombre"}]},
    )


def test_a_date_alone_is_the_programmes_hour() -> None:
    """For an opening and for a closing; without a closing it is the programme's last day."""
    assert typed_opening("2026-06-15", WINDOW) == typed_opening("2026-06-15T08:30", WINDOW) == OPENS
    assert typed_closing("2026-06-22", OPENS, WINDOW) == parse_rfc3339("2026-06-23T03:59:00Z")
    assert typed_closing(None, OPENS, WINDOW) == parse_rfc3339("2026-06-23T03:59:00Z")


@pytest.mark.parametrize("text", ["demain", "", "2026-11-01T01:30", "2026-13-01"])
def test_what_is_no_instant_is_refused_by_its_field(text: str) -> None:
    """A time that comes twice too; nothing is guessed."""
    readings: dict[str, Callable[[], int]] = {
        "opens_at": lambda: typed_opening(text, WINDOW),
        "closes_at": lambda: typed_closing(text, OPENS, WINDOW),
        "since": lambda: typed_instant("since", text),
    }
    for name, read in readings.items():
        with pytest.raises(Refusal) as refused:
            read()
        assert [field["name"] for field in refused.value.fields["fields"]] == [name]


def test_entries_begin_at_an_hour() -> None:
    """A day alone says too little of them."""
    assert typed_rule(ModeChange(mode="draw", entries_from="2026-06-15T08:00")) == Rule(
        mode="draw", entries_from=parse_rfc3339("2026-06-15T12:00:00Z")
    )
    with pytest.raises(Refusal):
        typed_rule(ModeChange(entries_from="2026-06-15"))


def test_a_correction_leaves_what_it_does_not_name() -> None:
    """None stays None all the way down."""
    assert change_of(PeriodCorrection(), WINDOW) == DraftChange()
    assert change_of(PeriodCorrection(opens_at="2026-06-15", cap=7), WINDOW) == DraftChange(
        opens_at=OPENS, cap=7
    )


@pytest.mark.parametrize(
    ("text", "page"),
    [("1", 1), ("0", 1), ("-1", 1), ("deux", 1), ("", 1), ("7", 7), ("9999999", MOST_PAGES), ("9" * 9, 1)],
)
def test_a_page_is_a_small_number(text: str, page: int) -> None:
    """Anything else is the first one."""
    assert page_of(text) == page
