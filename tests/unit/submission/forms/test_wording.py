"""Answers in people's words."""

from datetime import date

import pytest

from submission.forms.evaluation import evaluate
from submission.forms.model import FieldType, FormField
from submission.forms.wording import gaps, in_words, named, read_aloud
from tests.support.forms.small import family


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("text", "Ana", "Ana"),
        ("text", "", ""),
        ("date", "1985-03-27", "27 mars 1985"),
        ("date", "2016-06-01", "1er juin 2016"),
        ("date", "jamais", "jamais"),
        ("amount", "1250", "1\N{NO-BREAK SPACE}250\N{NO-BREAK SPACE}$"),
        ("amount", "1250.50", "1\N{NO-BREAK SPACE}250,50\N{NO-BREAK SPACE}$"),
        ("amount", "beaucoup", "beaucoup"),
        ("yes_no", "non", "Non"),
        ("box", "oui", "Oui"),
        ("choice", "a", "Premier"),
        ("choice", "z", "z"),
        ("choices", "a b", "Premier, Deux"),
        ("country", "CI", "Côte d’Ivoire"),
        ("country", "France", "France"),
        ("country", "Atlantide", "Atlantide"),
    ],
    ids=[str(n) for n in range(16)],
)
def test_a_value_in_words(kind: str, value: str, words: str) -> None:
    """What has no words of its own is read as it is stored."""
    options = {"a": "Premier", "b": "Deux"} if kind in {"choice", "choices"} else {}
    field = FormField(id="x", type=FieldType(kind), label="X", help="X", paper="A-1", options=options)
    assert in_words(field, value) == words


def test_what_is_seen_is_read_in_the_forms_order() -> None:
    """With members by name and place; what is hidden is not there."""
    asked = family()
    answers = {
        "children": {"members": [{"key": "k1", "name": "Zoé", "born": "2014-01-01"}]},
        "person": {"name": "Ana", "married": "non", "spouse_name": "Luc"},
    }
    sections = read_aloud(asked, evaluate(asked, answers, date(2016, 6, 13)))  # type: ignore[arg-type]
    assert [one.id for one in sections] == ["person", "children", "care"]
    assert [(line.path, line.words) for line in sections[0].groups[0].lines] == [
        ("person.name", "Ana"),
        ("person.married", "Non"),
    ]
    assert sections[1].groups[0].name == "Enfant 1"
    assert sections[1].groups[0].lines[1].words == "1er janvier 2014"


def test_a_repeated_section_without_members_is_read_as_empty() -> None:
    """That nobody was named is an answer too."""
    asked = family()
    sections = read_aloud(asked, evaluate(asked, {}, date(2016, 6, 13)))
    assert [(one.id, one.groups) for one in sections][1] == ("children", [])


def test_what_is_missing_and_wrong_is_named() -> None:
    """Members by their place, sections by their title; what is missing first."""
    asked = family()
    answers = {
        "person": {"married": "non"},
        "children": {"members": [{"key": "k7", "name": "x" * 300, "born": "2016-01-01"}, {"key": "k2"}]},
        "care": {"who": "Ana"},
    }
    found = evaluate(asked, answers, date(2016, 6, 13))  # type: ignore[arg-type]
    assert [(one.path, one.title, one.label, bool(one.error)) for one in gaps(asked, found)] == [
        ("person.name", "Section person", "Question name", False),
        ("children.k2.name", "Section children, enfant 2", "Question name", False),
        ("children.k2.born", "Section children, enfant 2", "Question born", False),
        ("children.k7.name", "Section children, enfant 1", "Question name", True),
    ]
    assert named(asked, found, "children") == ("Section children", "")
    assert named(asked, found, "nowhere.x") == ("nowhere.x", "")
