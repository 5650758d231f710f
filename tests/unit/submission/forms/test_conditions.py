"""Conditions: what each term is true of."""

from datetime import date

import msgspec
import pytest

from submission.forms.conditions import Condition, ConditionState, add_years, compiled, day_in

TODAY = date(2016, 6, 13)

VALUES = {
    "a.text": "oui",
    "a.some": "x y",
    "a.number": "12.50",
    "a.wrong": "douze",
    "a.born": "1998-06-13",
    "a.later": "2016-06-14",
    "a.leap": "2012-02-29",
    "a.empty": "",
    "kids.k1.born": "2012-01-01",
    "kids.k2.born": "2000-01-01",
}

CASES: list[tuple[dict[str, object], bool]] = [
    ({"is": "equals", "field": "a.text", "value": "oui"}, True),
    ({"is": "equals", "field": "text", "value": "oui"}, True),
    ({"is": "equals", "field": "a.nowhere", "value": "oui"}, False),
    ({"is": "one_of", "field": "text", "values": ["non", "oui"]}, True),
    ({"is": "one_of", "field": "empty", "values": ["non", "oui"]}, False),
    ({"is": "includes", "field": "some", "value": "y"}, True),
    ({"is": "includes", "field": "some", "value": "x y"}, False),
    ({"is": "filled", "field": "text"}, True),
    ({"is": "filled", "field": "empty"}, False),
    ({"is": "greater", "field": "number", "than": 12}, True),
    ({"is": "greater", "field": "wrong", "than": 1}, False),
    ({"is": "less", "field": "number", "than": 12.5}, False),
    ({"is": "less", "field": "empty", "than": 12}, False),
    ({"is": "before", "field": "born"}, True),
    ({"is": "before", "field": "later"}, False),
    ({"is": "before", "field": "born", "day": "1998-06-13"}, False),
    ({"is": "before", "field": "born", "other": "later"}, True),
    ({"is": "before", "field": "born", "other": "empty"}, False),
    ({"is": "after", "field": "later"}, True),
    ({"is": "after", "field": "later", "day": "2016-06-14"}, False),
    ({"is": "after", "field": "later", "other": "empty"}, False),
    ({"is": "after", "field": "later", "other": "a.born"}, True),
    ({"is": "age", "field": "born", "at_least": 18}, True),
    ({"is": "age", "field": "born", "at_least": 19}, False),
    ({"is": "age", "field": "born", "at_most": 18}, True),
    ({"is": "age", "field": "born", "at_most": 17}, False),
    ({"is": "age", "field": "wrong", "at_most": 17}, False),
    ({"is": "age", "field": "empty", "at_least": 0}, False),
    ({"is": "count", "section": "kids", "at_least": 2}, True),
    ({"is": "count", "section": "kids", "at_most": 1}, False),
    ({"is": "count", "section": "nowhere", "at_most": 0}, True),
    ({"is": "some", "section": "kids", "where": {"is": "age", "field": "born", "at_least": 16}}, True),
    ({"is": "some", "section": "kids", "where": {"is": "age", "field": "born", "at_least": 17}}, False),
    ({"is": "dates", "since": "2016-06-13", "until": "2016-06-13"}, True),
    ({"is": "dates", "since": "2016-06-14"}, False),
    ({"is": "dates", "until": "2016-06-12"}, False),
    ({"is": "not", "of": {"is": "filled", "field": "empty"}}, True),
    ({"is": "all", "of": [{"is": "filled", "field": "text"}, {"is": "filled", "field": "empty"}]}, False),
    ({"is": "any", "of": [{"is": "filled", "field": "text"}, {"is": "filled", "field": "empty"}]}, True),
]


def state() -> ConditionState:
    made = ConditionState(TODAY)
    made.values, made.members = VALUES, {"kids": ["kids.k1.", "kids.k2."]}
    return made


@pytest.mark.parametrize(
    ("term", "expected"), CASES, ids=[f"{n}-{one[0]['is']}" for n, one in enumerate(CASES)]
)
def test_each_term(term: dict[str, object], expected: bool) -> None:
    """What is empty, hidden or malformed is nothing of all that; only `not` is true of it."""
    condition: Condition = msgspec.convert(term, Condition, strict=False)
    assert compiled(condition, "a", False)(state()) is expected


def test_within_a_member_names_are_of_that_member() -> None:
    """The same term is true of one member and false of another."""
    term: Condition = msgspec.convert({"is": "age", "field": "born", "at_least": 16}, Condition)
    test, asked = compiled(term, "kids", True), state()
    found = []
    for prefix in asked.members["kids"]:
        asked.here = prefix
        found.append(test(asked))
    assert found == [False, True]


def test_some_member_leaves_the_member_that_is_looked_at() -> None:
    """A search among members within a member changes nothing of which one is asked about."""
    term: Condition = msgspec.convert(
        {"is": "some", "section": "kids", "where": {"is": "filled", "field": "born"}}, Condition
    )
    asked = state()
    asked.here = "kids.k2."
    assert compiled(term, "kids", True)(asked)
    assert asked.here == "kids.k2."


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2016, 2, 28), 1, date(2017, 2, 28)),
        (date(2016, 2, 29), 1, date(2017, 3, 1)),
        (date(2016, 2, 29), 4, date(2020, 2, 29)),
        (date(9999, 1, 1), 1, date.max),
    ],
    ids=["plain", "leap-to-none", "leap-to-leap", "end-of-time"],
)
def test_years_are_added_by_the_calendar(day: date, years: int, expected: date) -> None:
    """Whoever was born on 29 February has a birthday on the first of March in other years."""
    assert add_years(day, years) == expected


def test_only_iso_dates_are_days() -> None:
    """Short forms that Python reads too are not what is stored."""
    assert day_in("2016-06-13") == TODAY
    assert day_in("20160613") is None
    assert day_in("2016-13-01") is None
