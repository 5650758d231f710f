"""The values a form is made of."""

from datetime import date

from submission.forms.model import FormRule
from tests.support.forms.small import family, field, form, section


def test_a_form_names_its_sections_and_paths() -> None:
    """Paths of a repeated section stand without a member's key."""
    asked = family()
    assert asked.paths()[:2] == ("person.name", "person.married")
    assert "children.born" in asked.paths()
    care = asked.section("care")
    assert care is not None
    assert care.fields[0].label == "Question who"
    assert asked.section("nowhere") is None


def test_a_rule_is_in_force_from_day_to_day() -> None:
    """Both days are included; a rule without days always is."""
    holds = form(section("a", field("b"), field("c", more='when = { is = "filled", field = "b" }')))
    when = holds.sections[0].fields[1].when
    assert when is not None
    rule = FormRule(
        id="r", source="DR-07", since=date(2016, 1, 5), until=date(2016, 3, 31), holds=when, error="Non."
    )
    days = [date(2016, 1, 4), date(2016, 1, 5), date(2016, 3, 31), date(2016, 4, 1)]
    assert [rule.is_in_force(day) for day in days] == [False, True, True, False]
    assert FormRule(id="r", source="DR-07", holds=when, error="Non.").is_in_force(date(1900, 1, 1))


def test_the_length_of_a_value_is_the_fields_or_its_types() -> None:
    """A field that says nothing has the length of its type."""
    asked = form(section("a", field("b"), field("c", more="longest = 7"), field("d", "lines")))
    assert [one.most_characters for one in asked.sections[0].fields] == [200, 7, 3000]
