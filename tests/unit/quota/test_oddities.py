"""What is unusual about a period is found, said in French, and refused without a reason."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from foundation.clock import montreal_instant
from quota.draw import Rule
from quota.oddities import (
    FIELDS,
    NEEDS_REASON,
    REFUSED,
    REMARKS,
    Oddity,
    excusable,
    odd,
    words,
    wrong_oddities,
)
from quota.period_bounds import new_draft
from quota.programmes import load_all
from quota.states import PeriodState
from quota.store import Period
from tests.support.places import ROOT

PRTQ = load_all(ROOT / "config" / "programmes")["prtq-2016"]


def at(local: str) -> int:
    return montreal_instant(datetime.fromisoformat(local))


NOW = at("2026-05-01T12:00")


def opening(local: str, **values: Any) -> Period:
    opens_at = at(local)
    nothing = {"calls_per_minute": None, "most_live_tokens": None, "token_seconds": None}
    made = new_draft(PRTQ, "essai", opens_at, opens_at + 3_600_000, None, Rule(), **nothing)
    return msgspec.structs.replace(made, **values)


@pytest.mark.parametrize(
    ("period", "found"),
    [
        (opening("2026-06-15T08:30"), []),
        (opening("2026-06-15T08:30", token_seconds=PRTQ.token.least_seconds), []),
        (opening("2026-04-30T08:30"), [Oddity.PAST]),
        (opening("2026-06-14T08:30"), [Oddity.SUNDAY]),
        (opening("2026-06-13T08:30"), [Oddity.SATURDAY]),
        (opening("2027-03-29T08:30"), [Oddity.HOLIDAY, Oddity.NEAR_HOLIDAY]),  # Easter Monday
        (opening("2027-03-28T08:30"), [Oddity.SUNDAY, Oddity.NEAR_HOLIDAY]),  # Easter itself is a Sunday
        (opening("2026-06-15T04:30"), [Oddity.OTHER_HOUR]),  # 8:30 in UTC
        (opening("2026-06-15T00:00"), [Oddity.OTHER_HOUR]),
        (opening("2026-06-15T08:30", cap=50_000), [Oddity.OTHER_CAP]),
        (opening("2026-06-15T08:30", token_seconds=1), [Oddity.OTHER_TOKEN]),
        (opening("2026-06-15T08:30", token_seconds=7_200), [Oddity.OTHER_TOKEN]),
        (opening("2026-06-15T08:30", calls_per_minute=0), [Oddity.NO_PACE]),
        (opening("2026-06-22T08:30"), [Oddity.NEAR_HOLIDAY]),
        (opening("2026-11-02T08:30"), [Oddity.NEAR_CLOCK_CHANGE]),
        (opening("2026-10-26T08:30"), [Oddity.NEAR_CLOCK_CHANGE]),
        (opening("2026-04-30T08:30", state=PeriodState.OPEN, cap=1), []),
    ],
)
def test_what_is_unusual_is_found(period: Period, found: list[Oddity]) -> None:
    """By its day, its hour in Montréal, and the programme's numbers; nothing any more once it has opened."""
    assert odd(period, PRTQ, NOW) == found


def test_an_opening_at_this_very_instant_is_past() -> None:
    """Nothing could arm it any more."""
    period = opening("2026-06-15T08:30")
    assert Oddity.PAST in odd(period, PRTQ, period.opens_at)
    assert Oddity.PAST not in odd(period, PRTQ, period.opens_at - 1)


def test_a_reason_helps_but_not_with_the_past() -> None:
    """Without one each odd field is refused with the way out; with one only the past is; remarks never are."""
    period = opening("2026-06-14T00:00", cap=50_000, token_seconds=1, calls_per_minute=0)
    refused = wrong_oddities(period, PRTQ, NOW, None)
    assert set(refused) == {"opens_at", "cap", "token_seconds", "calls_per_minute"}
    assert refused["opens_at"].startswith("est un dimanche")
    assert all("motif" in sentence for sentence in refused.values())
    assert wrong_oddities(period, PRTQ, NOW, "essai") == {}
    assert wrong_oddities(period, PRTQ, period.opens_at, "essai") == {"opens_at": "est déjà passé"}
    for local in ("2026-06-22T08:30", "2026-06-13T08:30", "2026-06-15T04:30", "2026-11-02T08:30"):
        assert wrong_oddities(opening(local), PRTQ, NOW, None) == {}, local


def test_what_had_a_reason_needs_none_again() -> None:
    """A correction of something else does not ask twice; a new oddity does."""
    period = opening("2026-06-14T08:30", cap=7)
    assert wrong_oddities(period, PRTQ, NOW, None, [Oddity.SUNDAY, Oddity.OTHER_CAP]) == {}
    assert set(wrong_oddities(period, PRTQ, NOW, None, [Oddity.SUNDAY])) == {"cap"}


def test_each_oddity_has_a_field_and_words() -> None:
    """Of every member; remarks are not among those that need a reason."""
    period = opening("2026-06-15T08:30")
    for one in Oddity:
        assert FIELDS[one]
        assert words(one, period, PRTQ)
    assert not set(excusable(list(Oddity))) & (REMARKS | REFUSED)
    assert set(Oddity) - NEEDS_REASON - REMARKS - REFUSED == {Oddity.SATURDAY, Oddity.OTHER_HOUR}
