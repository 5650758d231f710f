"""A submission as it is now: frozen answers and amendments, folded."""

from casework.amendments import folding
from casework.amendments.asked import asked_form, typed
from submission.forms.answers import Answers, members_of
from submission.forms.evaluation import evaluate
from submission.forms.model import AmendmentKind
from submission.signing.frozen import freeze
from tests.support.casework.amended import KEY, TODAY, WHOLE_FORM, a_child, signed_answers

CHILD: Answers = {
    "family": {"has_children": "oui"},
    "children": {"members": [{"key": KEY, "given_name": "Élise"}]},
}


def test_what_was_signed_comes_back_as_answers() -> None:
    """Of every section, members with their keys; blank ones are in none."""
    before = signed_answers()
    signed = freeze("prtq-2016", WHOLE_FORM, evaluate(WHOLE_FORM, before, TODAY))
    read = folding.answers_of(signed, WHOLE_FORM)
    said = {id: {field: value for field, value in section.items() if value} for id, section in before.items()}
    assert {id: section for id, section in said.items() if section} == {
        id: section for id, section in read.items() if section != {"members": []}
    }


def test_amendments_are_added_in_their_order_and_change_nothing_in_place() -> None:
    """A field takes the place of the one before; members come behind; the frozen answers are as they were."""
    base = signed_answers()
    kept = {id: dict(section) for id, section in base.items()}
    again: Answers = {"children": {"members": [{"key": KEY, "given_name": "Un autre"}]}}
    second: Answers = {"children": {"members": [{"key": "zzzzzzzzzzzz", "given_name": "Noé"}]}}
    now_is = folding.current(WHOLE_FORM, base, [CHILD, again, second], TODAY)
    assert [one["given_name"] for one in members_of(now_is["children"])] == ["Élise", "Noé"]
    assert now_is["family"] == {"status": "celibataire", "has_children": "oui"}
    assert base == kept and "children" not in base
    assert folding.current(WHOLE_FORM, base, [], TODAY) == base


def test_what_a_later_answer_hides_stays_away() -> None:
    """Married, single again, married again: the first spouse does not come back."""
    spouse: Answers = {
        "family": {"status": "marie"},
        "spouse": {"given_name": "Sam", "birth_date": "1980-01-01"},
    }
    single: Answers = {"family": {"status": "separe"}}
    married: Answers = {"family": {"status": "marie"}}
    now_is = folding.current(WHOLE_FORM, signed_answers(), [spouse, single, married], TODAY)
    assert now_is["spouse"]["given_name"] == ""


def test_differences_read_in_words_with_names_of_members() -> None:
    """What was, what is, in the form's order; a question that went away reads as nothing."""
    of = asked_form(WHOLE_FORM, AmendmentKind.DEPENDANT)
    assert of is not None
    lines = typed(of, WHOLE_FORM, signed_answers(), KEY, a_child(), TODAY).lines
    assert ("family.has_children", "Non", "Oui") in [(one.path, one.before, one.after) for one in lines]
    named = {one.label: one.after for one in lines}
    assert named["Enfants, Enfant 1, Prénom"] == "Élise"
    assert named["Enfants, Enfant 1, Date de naissance"] == "14 août 2016"
    back = folding.differences(
        WHOLE_FORM,
        evaluate(WHOLE_FORM, folding.folded(signed_answers(), CHILD), TODAY),
        evaluate(WHOLE_FORM, signed_answers(), TODAY),
    )
    assert ("Élise", "") in [(one.before, one.after) for one in back]


def test_only_what_was_asked_is_kept() -> None:
    """Whatever else stands in the answers."""
    answers: Answers = {
        "identity": {"passport": "X"},
        "family": {"status": "marie", "has_children": "oui"},
        **CHILD,
    }
    kept = folding.limited(answers, frozenset({"family.has_children"}), "children", KEY)
    assert kept == {"family": {"has_children": "oui"}, "children": CHILD["children"]}
