"""Answers of a form as columns of a table."""

from submission.forms.columns import answers_in, columns
from tests.support.forms.filled import DEMO_FORM
from tests.support.forms.small import family


def test_each_field_is_a_column() -> None:
    """Those of members with their number, up to the most that a section has."""
    assert columns(DEMO_FORM) == DEMO_FORM.paths()
    assert columns(family())[4:7] == ("children.1.name", "children.1.born", "children.1.school")
    assert columns(family())[-2:] == ("children.3.school", "care.who")


def test_a_row_becomes_answers_in_canonical_form() -> None:
    """What is in no column is empty; a member of whom nothing is said is none."""
    cells = {
        "person.name": " Ana ",
        "person.married": "Oui",
        "children.2.born": "2014-1-3",
        "shoe.size": "42",
    }
    assert answers_in(family(), cells) == {
        "person": {"name": "Ana", "married": "oui", "spouse_name": "", "spouse_reason": ""},
        "children": {"members": [{"key": "m2", "name": "", "born": "2014-01-03", "school": ""}]},
        "care": {"who": ""},
    }
