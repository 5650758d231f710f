"""A section as a page shows it, and the markup that it becomes."""

from datetime import date

import pytest

from config.assets import templates
from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate
from submission.forms.model import FieldType, FormField
from submission.forms.shown import ShownSection, appeared, question, shown_section
from tests.support.forms.bad_input import BAD_TEXTS
from tests.support.forms.small import family

TODAY = date(2016, 6, 13)


def shown(section_id: str, answers: Answers, errors: dict[str, str] | None = None) -> ShownSection:
    asked = family()
    section = asked.section(section_id)
    assert section is not None
    found = evaluate(asked, answers, TODAY)
    return shown_section(asked, section, found, answers.get(section_id, {}), errors or {})


def test_only_what_is_seen_is_asked() -> None:
    """And whether it must be filled in."""
    page = shown("person", {"person": {"name": "Ana", "married": "oui", "spouse_name": "Luc"}})
    assert [(one.path, one.required) for one in page.members[0].questions] == [
        ("person.name", True),
        ("person.married", True),
        ("person.spouse_name", True),
        ("person.spouse_reason", False),
    ]
    assert page.members[0].questions[1].chosen == {"oui"}
    assert page.members[0].questions[1].options == {"oui": "Oui", "non": "Non"}
    assert not page.repeats


def test_members_come_with_key_and_name() -> None:
    """As long as there may be one more, its name is there to add it."""
    rows = [{"key": f"k{n}", "name": f"N{n}"} for n in range(3)]
    assert shown("children", {"children": {"members": rows[:2]}}).add == "Enfant"
    page = shown(
        "children", {"children": {"members": rows}}, {"children": "Trop.", "children.k1.name": "Non."}
    )
    assert page.add == ""
    assert page.error == "Trop."
    assert [(one.key, one.name) for one in page.members] == [
        ("k0", "Enfant 1"),
        ("k1", "Enfant 2"),
        ("k2", "Enfant 3"),
    ]
    assert [one.questions[0].error for one in page.members] == ["", "Non.", ""]
    assert page.labels["children.k1.name"] == "Enfant 2, Question name"


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("1985-03-27", ("27", "03", "1985")),
        ("1985--3", ("3", "", "1985")),
        ("", ("", "", "")),
        ("hier", ("", "", "hier")),
    ],
)
def test_a_date_comes_back_in_its_parts(value: str, parts: tuple[str, str, str]) -> None:
    """Also one that is wrong, as it was typed."""
    field = FormField(id="x", type=FieldType.DATE, label="X", help="X", paper="A-1")
    assert question(field, "a.x", value, True, "").parts == parts


@pytest.mark.parametrize("kind", [kind.value for kind in FieldType])
def test_each_type_has_markup(kind: str) -> None:
    """A label, its help beside it, its error, and nothing of a bad text as markup."""
    field = FormField(
        id="x", type=FieldType(kind), label="Question", help="Aide", paper="A-1",
        options={"a": "Premier"} if kind in {"choice", "choices"} else {},
    )  # fmt: skip
    render = templates().get_template("form_fields.html").module.ask  # type: ignore[attr-defined]
    for bad in BAD_TEXTS.values():
        markup = str(render(question(field, "a.x", bad, True, "Non.")))
        assert "Question" in markup
        assert 'id="a.x-hint"' in markup
        assert 'id="a.x-error"' in markup
        assert 'id="a.x"' in markup
        assert "<script>" not in markup
        assert ' onfocus="' not in markup


def test_questions_that_an_answer_asks_for_appear() -> None:
    """They were not on the page that was posted, and nothing stands in them; what was on the page is no surprise."""
    asked = family()
    section = asked.section("person")
    assert section is not None
    found = evaluate(asked, {"person": {"married": "oui"}}, TODAY)
    assert appeared(section, found, {"person.name": [""], "person.married": ["", "oui"]}) == [
        "person.spouse_name"
    ]
    assert appeared(section, found, {f"person.{field.id}": [] for field in section.fields}) == []
