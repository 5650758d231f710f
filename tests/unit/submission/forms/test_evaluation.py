"""What follows from the answers of a form: what is seen, required, missing, wrong."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.demo.people import invented_content
from submission.forms import evaluation
from submission.forms.answers import Answers
from submission.forms.evaluation import FollowedParts, evaluate, evaluate_parts, put_together, visible_answers
from submission.forms.files import load_form
from tests.support.forms.small import SHIPPED, family, field, form, section

TODAY = date(2016, 6, 13)

FAMILY = family()

COMPLETE: Answers = {
    "person": {"name": "Ana", "married": "oui", "spouse_name": "Luc", "spouse_reason": ""},
    "children": {"members": [{"key": "k1", "name": "Zoé", "born": "2014-01-01"}]},
    "care": {"who": "Grand-mère"},
}


def test_what_is_complete() -> None:
    """Nothing is missing; a question that is not asked is not required."""
    found = evaluate(FAMILY, COMPLETE, TODAY)
    assert found.is_complete
    assert found.visible["children.k1.born"] == "2014-01-01"
    assert "children.k1.school" not in found.visible
    assert found.members == {"children": ["k1"]}
    assert "person.spouse_reason" not in found.required
    assert "person.spouse_name" in found.required


def test_nothing_answered() -> None:
    """What is required is missing, in the form's order; sections nobody sees are not."""
    found = evaluate(FAMILY, {}, TODAY)
    assert found.missing == ["person.name", "person.married"]
    assert not found.errors
    assert not found.is_complete


def test_a_hidden_answer_decides_nothing() -> None:
    """It stays in the draft, counts as empty, and what depends on it is hidden with it."""
    answers: Answers = COMPLETE | {"person": {"name": "Ana", "married": "non", "spouse_name": "Luc"}}
    found = evaluate(FAMILY, answers, TODAY)
    assert "person.spouse_name" not in found.visible
    assert "person.spouse_reason" not in found.visible
    assert visible_answers(FAMILY, found)["person"] == {"name": "Ana", "married": "non"}


def test_a_section_is_reached_by_one_member() -> None:
    """A child below five asks for who cares; the day makes the difference."""
    assert "care.who" in evaluate(FAMILY, COMPLETE, TODAY).visible
    later = evaluate(FAMILY, COMPLETE, date(2019, 1, 1))
    assert "care.who" not in later.visible
    assert later.missing == ["children.k1.school"]
    assert "care" not in visible_answers(FAMILY, later)


def test_how_many_members() -> None:
    """Too few are missing, too many are wrong; two of one key are one."""
    several = form(section("rows", field("a"), more='repeats = { name = "Ligne", least = 2, most = 2 }'))
    rows = [{"key": str(n), "a": "x"} for n in range(3)]
    assert evaluate(several, {}, TODAY).missing == ["rows"]
    assert evaluate(several, {"rows": {"members": rows[:2]}}, TODAY).is_complete
    assert list(evaluate(several, {"rows": {"members": rows}}, TODAY).errors) == ["rows"]
    assert evaluate(several, {"rows": {"members": [rows[0], rows[0]]}}, TODAY).members == {"rows": ["0"]}
    assert evaluate(several, {"rows": {"members": [{"a": "x"}, {"a": "y"}]}}, TODAY).members == {
        "rows": ["1", "2"]
    }


@pytest.mark.parametrize(
    "stored",
    [{"members": "x"}, {"name": ["x"]}, {"name": "\u200b"}, {"name": " "}, {"unknown": "x"}],
    ids=["members", "list", "unseen", "blank", "unknown"],
)
def test_what_is_no_answer_is_empty(stored: dict[str, object]) -> None:
    """Whatever stands in a draft, the evaluation gives an answer."""
    found = evaluate(FAMILY, {"person": stored, "children": stored}, TODAY)  # type: ignore[dict-item]
    assert "person.name" in found.missing


def test_what_is_wrong_is_told_of_what_is_seen_alone() -> None:
    """A value that is wrong and hidden is nobody's business."""
    answers: Answers = {
        "children": {"members": [{"key": "k1", "name": "x", "born": "2999-01-01", "school": "x" * 201}]}
    }
    assert list(evaluate(FAMILY, answers, TODAY).errors) == ["children.k1.born"]


TEST_RULES = """
[[sections.fields.rules]]
id = "valid_in_april"
source = "DR-07"
until = 2016-03-31
holds = { is = "any", of = [
  { is = "age", field = "taken", at_most = 2 },
  { is = "all", of = [
    { is = "after", field = "taken", day = 2013-03-31 },
    { is = "before", field = "taken", day = 2015-04-02 },
  ] },
] }
error = "Ancien."

[[sections.fields.rules]]
id = "two_years"
source = "DR-07"
since = 2016-04-01
holds = { is = "age", field = "taken", at_most = 2 }
error = "Plus de deux ans."
"""


@pytest.mark.parametrize(
    ("taken", "today", "error"),
    [
        ("2013-04-01", date(2016, 3, 31), ""),
        ("2013-04-01", date(2016, 4, 1), "Plus de deux ans."),
        ("2013-03-31", date(2016, 3, 31), "Ancien."),
        ("2014-06-13", date(2016, 6, 13), ""),
        ("2014-06-12", date(2016, 6, 13), "Plus de deux ans."),
        ("2014-02-01", date(2016, 2, 1), ""),
    ],
    ids=[str(n) for n in range(6)],
)
def test_a_rule_switches_itself_off(taken: str, today: date, error: str) -> None:
    """A French test that was valid on 1 April 2015 is good until 31 March 2016, and not the day after (DR-07)."""
    asked = form(section("tests", field("taken", "date"), TEST_RULES))
    found = evaluate(asked, {"tests": {"taken": taken}}, today)
    assert found.errors.get("tests.taken", "") == error


texts = st.sampled_from(["", "oui", "non", "x", "2014-01-01", "2000-01-01", "\u200b", "x" * 300])

members = st.lists(
    st.fixed_dictionaries(
        {"key": st.sampled_from(["a", "b", "c"])}, optional={"name": texts, "born": texts, "school": texts}
    ),
    max_size=4,
)

answers_of_family = st.fixed_dictionaries(
    {},
    optional={
        "person": st.dictionaries(
            st.sampled_from(["name", "married", "spouse_name", "spouse_reason"]), texts
        ),
        "children": members.map(lambda some: {"members": some}),
        "care": st.dictionaries(st.just("who"), texts),
    },
)


@given(answers_of_family, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_answering_makes_no_difference(answers: Answers, random: object) -> None:
    """The same answers, put down in any order of sections and fields, give the same."""
    shuffled: Answers = {}
    sections = list(answers)
    random.shuffle(sections)  # type: ignore[attr-defined]
    for name in sections:
        fields = list(answers[name])
        random.shuffle(fields)  # type: ignore[attr-defined]
        shuffled[name] = {one: answers[name][one] for one in fields}
    assert evaluate(FAMILY, shuffled, TODAY) == evaluate(FAMILY, answers, TODAY)


@given(answers_of_family)
@settings(max_examples=200, deadline=None)
def test_what_is_hidden_goes_nowhere(answers: Answers) -> None:
    """It is never required, missing, wrong or among what leaves; and to leave it out changes nothing."""
    found = evaluate(FAMILY, answers, TODAY)
    assert found.required <= found.visible.keys()
    assert {path for path in found.missing if "." in path} <= found.required
    assert found.errors.keys() <= found.visible.keys() | {"children"}
    left = visible_answers(FAMILY, found)
    assert evaluate(FAMILY, left, TODAY).visible == found.visible


def test_the_people_of_the_demo_are_complete() -> None:
    """The form that the demo uses, with the answers of an invented person."""
    asked = load_form(SHIPPED / "demo.1.toml")
    found = evaluate(asked, invented_content("demo-", 1), TODAY)
    assert found.is_complete


saves = st.lists(answers_of_family.filter(bool), min_size=2, max_size=5)


@given(saves)
@settings(max_examples=200, deadline=None)
def test_what_is_kept_of_a_section_says_what_the_whole_says(saves: list[Answers]) -> None:
    """Save after save, in the order of the form too: what follows from the rest is not asked again, and is the same."""
    answers: Answers = {}
    parts = FollowedParts()
    for save in saves:
        answers = answers | save
        kept = put_together(evaluate_parts(FAMILY, answers, TODAY, parts))
        anew = evaluate(FAMILY, answers, TODAY)
        assert kept == anew
        assert [list(kept.visible), list(kept.errors)] == [list(anew.visible), list(anew.errors)]


def test_only_what_a_save_touches_is_asked_again() -> None:
    """A section that asks nothing of the one that was saved stays as it was found."""
    asked = load_form(SHIPPED / "demo.1.toml")
    answers = invented_content("demo-", 1)
    parts = FollowedParts()
    evaluate_parts(asked, answers, TODAY, parts)
    before = dict(parts.sections)
    evaluate_parts(asked, answers | {"training": dict(answers["training"])}, TODAY, parts)
    assert parts.sections["training"] is not before["training"]
    assert any(parts.sections[name] is before[name] for name in before)


def test_without_looking_at_the_answers_what_is_kept_would_be_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin: what a save changed would not be seen."""
    monkeypatch.setattr(evaluation, "_replaced", lambda _, of, sections: () if of else sections)
    parts = FollowedParts()
    before = evaluate_parts(FAMILY, {"person": {"name": "Ana"}}, TODAY, parts)
    after: Answers = {"person": {"name": "Ana", "married": "oui"}}
    assert evaluate_parts(FAMILY, after, TODAY, parts) == before
    assert put_together(before) != evaluate(FAMILY, after, TODAY)
