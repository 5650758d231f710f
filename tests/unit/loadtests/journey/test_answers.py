"""Answers that fit a form known by the contract alone."""

import pytest

from loadtests.journey.answers import ServedField, ServedSection, answer_to, completed, first_answers

OPTIONS = [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]

FAMILY = ServedSection(
    "family", [ServedField("name", "text"), ServedField("born", "date")], {"least": 1, "most": 4}
)

PLAIN = ServedSection(
    "plans", [ServedField("region", "choice", OPTIONS), ServedField("note", "text", longest=4)]
)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (ServedField("x", "date"), "1990-02-03"),
        (ServedField("x", "choice", OPTIONS), "b"),
        (ServedField("x", "number", least=30), "30"),
        (ServedField("x", "text", longest=3), "Rép"),
        (ServedField("x", "a type of later"), "Réponse 1"),
    ],
    ids=["date", "choice", "least", "longest", "unknown"],
)
def test_an_answer_fits_its_field(field: ServedField, said: str) -> None:
    """By its type, its options and its bounds; of a type that is not known, words."""
    assert answer_to(field, 1) == said


def test_a_repeated_section_has_as_many_members_as_it_needs() -> None:
    """Each with a key of its own."""
    assert first_answers(FAMILY, 0)["members"] == [{"key": "m1", "name": "Réponse 0", "born": "1990-02-03"}]
    assert set(first_answers(PLAIN, 0)) == {"region", "note"}


def test_what_is_missing_is_filled_in_and_nothing_else_changes() -> None:
    """A field, a field of a member, one member more; a path of another section is left alone."""
    answers = {"members": [{"key": "m1", "name": "", "born": "1980-01-01"}]}
    filled = completed(FAMILY, answers, ["family.m1.name", "family", "plans.note"], 7)
    assert filled["members"][0] == {"key": "m1", "name": "Réponse 7", "born": "1980-01-01"}
    assert filled["members"][1]["key"] == "m2"
    assert completed(PLAIN, {"region": "a"}, ["plans.note"], 7) == {"region": "a", "note": "Répo"}
