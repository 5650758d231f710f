"""What the pages of a draft show, from values."""

from datetime import date

import pytest

from config.settings import PROGRAMMES
from submission.drafts.overview import as_posted, differences, gap_of, in_form_order, read_again_of
from submission.forms.answers import SectionAnswers
from submission.forms.evaluation import evaluate
from submission.forms.files import load_form
from submission.forms.model import FormSection, MemberRules

FORM = load_form(PROGRAMMES / "forms" / "demo.1.toml")

TODAY = date(2016, 6, 13)


def section(id: str) -> FormSection:
    found = FORM.section(id)
    assert found is not None
    return found


def test_what_is_missing_stands_in_the_order_of_the_form() -> None:
    """Section by section, each with the label of its field and its anchor."""
    answers: dict[str, SectionAnswers] = {"plans": {"region": "Québec"}, "training": {"year": "9"}}
    paths = in_form_order(FORM, evaluate(FORM, answers, TODAY))
    sections = [path.partition(".")[0] for path in paths]
    assert sections == sorted(sections, key=[one.id for one in FORM.sections].index)
    assert {"training.year", "training.diploma", "identity.passport"} <= set(paths)
    gap = gap_of(FORM, "training.diploma")
    assert gap == ("training", "Formation", "Diplôme", "training.diploma")


def test_two_texts_are_compared_question_by_question() -> None:
    """In people's words; what is the same in both is not shown."""
    here: SectionAnswers = {"diploma": "Master", "school": "Laval"}
    elsewhere: SectionAnswers = {"diploma": "Doctorat", "school": "Laval", "year": "2008"}
    found = differences(FORM, section("training"), here, elsewhere)
    assert [tuple(one) for one in found] == [
        ("Diplôme", "Master", "Doctorat"), ("Année d’obtention", "", "2008"),
    ]  # fmt: skip


def test_members_are_compared_by_their_keys() -> None:
    """One that is in one text only is compared with nothing, and not with the next one."""
    many = FormSection(
        id="training", title="Formation", help="?", fields=section("training").fields,
        repeats=MemberRules(name="Diplôme", most=5),
    )  # fmt: skip
    here: SectionAnswers = {"members": [{"key": "b", "diploma": "Doctorat"}]}
    elsewhere: SectionAnswers = {
        "members": [{"key": "a", "diploma": "Master"}, {"key": "b", "diploma": "Doctorat"}]
    }
    found = differences(FORM, many, here, elsewhere)
    assert [tuple(one) for one in found] == [("Diplôme 1, Diplôme", "", "Master")]


def test_a_form_that_comes_back_shows_all_that_was_posted() -> None:
    """Whatever other sections say, as nobody can read them without a session."""
    posted = {"training.diploma": ["Master"], "training.year": ["x"], "identity.passport": ["A"]}
    found = as_posted(section("training"), posted, {"diploma": "Master"})
    assert set(found.visible) == {"training.diploma", "training.year"}


@pytest.mark.parametrize(
    ("stored", "changes"),
    [(None, None), ('{"form_version":"2","changes":["Nouveau."]}', ["Nouveau."])],
    ids=["nothing", "a note"],
)
def test_the_note_of_a_newer_form_is_read(stored: str | None, changes: list[str] | None) -> None:
    """None where there is nothing to read again."""
    note = read_again_of(stored)
    assert (None if note is None else note.changes) == changes
