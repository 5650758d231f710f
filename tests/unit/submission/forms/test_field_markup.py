"""The fields of a section as markup: filled for each person, and the same as when they are rendered for one."""

from datetime import date

from config.assets import renderer, templates
from config.demo.filling_in import completed
from config.demo.people import invented_content
from submission.forms.answers import Answers
from submission.forms.evaluation import evaluate
from submission.forms.field_markup import FieldMarkup
from submission.forms.files import load_form
from submission.forms.shown import ShownSection, shown_section
from submission.forms.values import tidied
from tests.support.forms.bad_input import BAD_TEXTS
from tests.support.forms.small import SHIPPED, family

TODAY = date(2016, 6, 13)

MARKUP = FieldMarkup(renderer())


def rendered(section: ShownSection) -> str:
    """The questions as they are rendered for one person."""
    ask = templates().get_template("form_fields.html").module.ask  # type: ignore[attr-defined]
    return "".join(str(ask(one)) for member in section.members for one in member.questions)


def alike(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def test_filled_is_as_rendered_for_one() -> None:
    """Every section of a whole form, twice, with and without errors."""
    form = load_form(SHIPPED / "prtq-2016.1.toml")
    answers = completed(form, invented_content("demo-", 1), TODAY)
    found = evaluate(form, answers, TODAY)
    for section in form.sections:
        if section.repeats is not None:
            continue
        paths = [f"{section.id}.{field.id}" for field in section.fields]
        for errors in ({}, dict.fromkeys(paths, "Non & non.")):
            shown = shown_section(form, section, found, answers[section.id], errors)
            assert alike(MARKUP.fields(shown), rendered(shown))
            assert alike(MARKUP.fields(shown), rendered(shown))


def test_members_come_with_key_name_and_removal() -> None:
    """Two people share the shape and nothing that is theirs; that there are too many stands above."""
    section = family().section("children")
    assert section is not None

    def markup(key: str, name: str) -> str:
        answers: Answers = {"children": {"members": [{"key": key, "name": name}]}}
        found = evaluate(family(), answers, TODAY)
        shown = shown_section(family(), section, found, answers["children"], {"children": "Trop."})
        return str(MARKUP.fields(shown))

    one, other = markup("k1", "Zoé"), markup("k2", "Léo")
    assert 'name="children.k1.name"' in one and 'value="Zoé"' in one
    assert 'name="children.remove" value="k1"' in one
    assert '<p class="field-error" id="children">Trop.</p>' in one
    assert "Zoé" not in other and "k1" not in other


def test_no_bad_text_becomes_markup() -> None:
    """Nor is it taken for one of our marks."""
    section = family().section("person")
    assert section is not None
    for bad in BAD_TEXTS.values():
        answers: Answers = {"person": {"name": tidied(bad)}}
        found = evaluate(family(), answers, TODAY)
        markup = MARKUP.fields(shown_section(family(), section, found, answers["person"], {}))
        assert "<script>" not in markup
        assert ' onfocus="' not in markup
