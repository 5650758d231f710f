"""What a new period may say: a name for an address, instants in their order, a cap and a pace that can be carried."""

from typing import Any

import msgspec
import pytest

from foundation.clock import parse_rfc3339
from foundation.errors import Code, Refusal
from quota.draw import Rule
from quota.period_bounds import LAST_INSTANT, MOST_PLACES, new_draft, refuse_fields, wrong_period
from quota.programmes import load_all
from quota.states import PeriodState
from tests.support.places import ROOT

DEMO = load_all(ROOT / "config" / "programmes")["demo"]
OPENS = parse_rfc3339("2026-06-15T12:30:00Z")


def draft(**given: Any) -> Any:
    rules = {"calls_per_minute": None, "most_live_tokens": None, "token_seconds": None} | given
    return new_draft(DEMO, "june-2026", OPENS, OPENS + 3_600_000, None, Rule(), **rules)


def test_a_draft_has_the_rules_of_its_programme() -> None:
    """And what is given goes before them."""
    made = draft()
    assert made.state is PeriodState.DRAFT
    assert (made.cap, made.calls_per_minute) == (DEMO.cap.total, DEMO.queue.calls_per_minute)
    assert draft(calls_per_minute=7).calls_per_minute == 7
    assert wrong_period(made) == {}


def test_no_two_drafts_are_one_life() -> None:
    """Tickets and persons of one are none of another, though they are called the same."""
    one, other = draft(), draft()
    assert one.uid != other.uid
    assert one.person_key != other.person_key


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "Juin 2026"), ("id", ""), ("id", "x" * 41), ("opens_at", 0), ("closes_at", OPENS), ("cap", 0),
        ("closes_at", LAST_INSTANT), ("cap", MOST_PLACES + 1), ("token_seconds", 0), ("token_seconds", 86_401),
        ("calls_per_minute", -1), ("most_live_tokens", 0),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_named(field: str, value: object) -> None:
    """By its field, with the reason in French."""
    assert set(wrong_period(msgspec.structs.replace(draft(), **{field: value}))) == {field}


def test_wrong_fields_are_one_refusal() -> None:
    """All of them at once; none is none."""
    refuse_fields({})
    with pytest.raises(Refusal) as refused:
        refuse_fields({"cap": "trop", "id": "non"})
    assert refused.value.code is Code.INVALID
    assert [one["name"] for one in refused.value.fields["fields"]] == ["cap", "id"]
