"""What an amendment asks: the form's own questions, errors and conditions, and never who somebody is."""

from datetime import date

import pytest

from casework.amendments import asked
from casework.amendments.asked import MISSING, NOTHING_NEW, AskedForm, asked_form, read_day
from config.settings import PROGRAMMES
from submission.forms.answers import Answers, members_of
from submission.forms.checking.amendable import IDENTITY
from submission.forms.fields import PostedLists
from submission.forms.files import load_form
from submission.forms.model import AmendmentKind
from tests.support.casework.amended import CHILD, KEY, TODAY, WHOLE_FORM, a_child, posted, signed_answers
from tests.support.forms.bad_input import BAD_TEXTS
from tests.support.forms.filled import DEMO_FORM


def of(kind: AmendmentKind) -> AskedForm:
    found = asked_form(WHOLE_FORM, kind)
    assert found is not None
    return found


def shown(typed: asked.TypedAmendment) -> list[str]:
    return [q.path for section in typed.sections for member in section.members for q in member.questions]


def test_a_dependant_has_the_questions_of_the_form() -> None:
    """One more child, empty, with the form's labels; the answer that there are children follows by itself."""
    blank = asked.blank(of(AmendmentKind.DEPENDANT), WHOLE_FORM, signed_answers(), KEY, TODAY)
    names = [field.id for field in WHOLE_FORM.section("children").fields if field.id != "custody"]  # type: ignore[union-attr]
    assert shown(blank) == [f"children.{KEY}.{name}" for name in names]
    child = asked.typed(of(AmendmentKind.DEPENDANT), WHOLE_FORM, signed_answers(), KEY, a_child(), TODAY)
    assert child.errors == {} and child.day == date(2016, 8, 14)
    assert child.added == {"family": {"has_children": "oui"}, "children": {"members": [{"key": KEY} | CHILD]}}


def test_a_question_that_an_answer_asks_for_is_asked() -> None:
    """A child who comes and is under 18: the other parent's consent; married: the spouse."""
    without = a_child()
    del without[f"children.{KEY}.custody"]
    child = asked.typed(of(AmendmentKind.DEPENDANT), WHOLE_FORM, signed_answers(), KEY, without, TODAY)
    assert child.errors == {f"children.{KEY}.custody": MISSING} and f"children.{KEY}.custody" in shown(child)
    sent = posted(on_day="2016-08-20", family__status="marie")
    married = asked.typed(of(AmendmentKind.STATUS), WHOLE_FORM, signed_answers(), KEY, sent, TODAY)
    assert married.errors["spouse.birth_date"] == MISSING and "spouse.given_name" in shown(married)
    assert "family.has_children" not in shown(married)


def test_the_day_is_a_date_that_exists_and_is_not_to_come() -> None:
    """30 February, tomorrow, none, and the three fields."""
    assert read_day(posted(on_day="2016-08-14"), TODAY) == ("2016-08-14", "")
    parts = PostedLists({"on_day.day": ["4"], "on_day.month": ["7"], "on_day.year": ["2016"]})
    assert read_day(parts, TODAY) == ("2016-07-04", "")
    assert read_day(PostedLists(), TODAY) == ("", MISSING)
    for wrong in ("2016-02-30", "2016-09-02", "hier", "0000-00-00", "1066-10-14", "-", "9" * 500):
        assert read_day(posted(on_day=wrong), TODAY)[1], wrong


def test_nothing_new_is_said() -> None:
    """An amendment that changes nothing is none."""
    now_is = signed_answers()
    texts = {f"contact__{field}": str(now_is["contact"][field]) for field in ("address", "city")}
    same = asked.typed(
        of(AmendmentKind.ADDRESS), WHOLE_FORM, now_is, KEY, posted(on_day="2016-08-20", **texts), TODAY
    )
    assert list(same.errors.values()) == [NOTHING_NEW]


def test_an_amendment_takes_nothing_that_it_does_not_ask() -> None:
    """Identity, the e-mail address and another member are passed over, however they are posted."""
    now_is = signed_answers(has_children="oui") | {
        "children": {"members": [{"key": "old-child-000"} | CHILD]}
    }
    forged = a_child()
    forged["children.old-child-000.given_name"] = ["Volé"]
    forged["children.remove"] = ["old-child-000"]
    forged["children.key"] = ["old-child-000", KEY, "other-child00"]
    forged["identity.passport"], forged["contact.email"] = ["X1"], ["x@exemple.invalid"]
    child = asked.typed(of(AmendmentKind.DEPENDANT), WHOLE_FORM, now_is, KEY, forged, TODAY)
    assert child.errors == {}
    assert [one["key"] for one in members_of(child.added["children"])] == [KEY]
    assert set(child.added) == {"family", "children"}
    assert all(one.path.startswith(f"children.{KEY}.") for one in child.lines)


@pytest.mark.parametrize(
    "key", ["", "short", "old-child-000", "x" * 41, "a b c d e f g h", "../../../../etc"]
)
def test_a_key_is_ones_own(key: str) -> None:
    """Of the shape of one, and of no member that is there."""
    now_is: Answers = {"children": {"members": [{"key": "old-child-000"}]}}
    assert not asked.is_usable_key(key, now_is, "children")
    assert asked.is_usable_key(KEY, now_is, "children")


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_bad_input_is_an_error_or_a_text_and_never_an_exception(text: str) -> None:
    """In every field of every kind, also as the day."""
    for kind in AmendmentKind:
        asks = of(kind)
        names = {f"{section.id}.{f.id}" for section in asks.form.sections for f in section.fields}
        names |= {f"children.{KEY}.{field}" for field in CHILD}
        sent = PostedLists({name: [text] for name in names} | {"on_day": [text]})
        found = asked.typed(asks, WHOLE_FORM, signed_answers(), KEY, sent, TODAY)
        assert found.errors and "on_day" in found.errors
        assert asked.as_sent(asks, KEY, sent, TODAY) is not None


def test_a_form_that_comes_back_blindly_shows_what_was_sent() -> None:
    """Every question that was on the page, with its text."""
    sections = asked.as_sent(of(AmendmentKind.DEPENDANT), KEY, a_child(given_name="Zoé"), TODAY)
    texts = {q.path: q.value for one in sections for member in one.members for q in member.questions}
    assert texts[f"children.{KEY}.given_name"] == "Zoé" and len(texts) == len(CHILD)


def test_no_form_amends_who_somebody_is() -> None:
    """Of all forms that come with the program; what a form does not name is not asked."""
    for path in (PROGRAMMES / "forms").glob("*.toml"):
        form = load_form(path)
        for kind in AmendmentKind:
            asks = asked_form(form, kind)
            assert asks is None or IDENTITY not in {section.id for section in asks.form.sections}
    assert asked_form(DEMO_FORM, AmendmentKind.STATUS) is None
