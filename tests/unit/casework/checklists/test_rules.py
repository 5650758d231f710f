"""Rules with days of effect, and the words of persons and formats."""

from datetime import date

import pytest

from casework.checklists.rules import FORMATS, PERSONS, DatedRule, ItemFormat, PersonKind

FIRST = DatedRule(id="a", until=date(2015, 10, 25), source="DC-06")

SECOND = DatedRule(id="a", since=date(2015, 10, 26), source="DC-06")


def test_every_person_and_format_has_its_words() -> None:
    assert set(PERSONS) == set(PersonKind)
    assert set(FORMATS) == set(ItemFormat)


@pytest.mark.parametrize(("day", "which"), [(date(2015, 10, 25), FIRST), (date(2015, 10, 26), SECOND)])
def test_a_rule_changes_on_its_day(day: date, which: DatedRule) -> None:
    """Both ends are included."""
    assert [rule for rule in (FIRST, SECOND) if rule.is_in_force(day)] == [which]


def test_rules_that_meet_on_one_day_are_found() -> None:
    assert not FIRST.meets(SECOND) and not SECOND.meets(FIRST)
    assert FIRST.meets(DatedRule(id="a", since=date(2015, 10, 25), source="x"))
    assert FIRST.meets(DatedRule(id="a", source="x"))
