"""A period as the contract shows it."""

import re

import pytest

from tests.support.places import ROOT
from tests.unit.waitingroom.test_positions import look
from tests.unit.waitingroom.test_states import OPENS, period
from waitingroom.period_summary import summary


def test_the_line_is_shown_by_its_last_look() -> None:
    """How many wait and are present, and the last number given; without a look, nothing is invented."""
    shown = summary(period(state="open"), look(2, 3, 9), OPENS)
    assert (shown["waiting"], shown["last_number"]) == (3, 9)
    empty = summary(period(state="open"), None, OPENS)
    assert (empty["waiting"], empty["last_number"]) == (0, 0)


@pytest.mark.parametrize(("after_ms", "state"), [(-1, "armed"), (0, "open"), (60 * 60_000, "closed")])
def test_the_state_is_that_of_the_instant(after_ms: int, state: str) -> None:
    """Whether or not a tick has recorded it."""
    assert summary(period(), None, OPENS + after_ms)["state"] == state


def test_no_field_is_missing_in_the_contract() -> None:
    """Each has its name in the written contract."""
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    for name in summary(period(), None, OPENS):
        assert re.search(rf"\b{name}\b", text), name
