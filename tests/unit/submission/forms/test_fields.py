"""Typed answers of a section: what is read, what is told, and what a bad post does."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from foundation.errors import Refusal
from submission.forms.answers import members_of, merged
from submission.forms.evaluation import evaluate
from submission.forms.fields import (
    TypedSection,
    dropped_of,
    is_key,
    looks_like_a_telephone,
    posted_lists,
    posted_of,
    read_section,
)
from submission.forms.model import FieldType, Form
from tests.support.forms.bad_input import BAD_TEXTS
from tests.support.forms.small import family, field, form, section

TODAY = date(2016, 6, 13)

OPTIONS = 'options = { a = "Premier", b = "Deux" }'

EVERY_TYPE = form(
    section(
        "all",
        *(
            field(
                kind.value,
                kind.value,
                'options = { a = "Premier", b = "Deux" }' if kind.value[:6] == "choice" else "",
            )
            for kind in FieldType
        ),
    )
)


def read(asked: Form, section_id: str, posted: dict[str, list[str]]) -> TypedSection:
    found = asked.section(section_id)
    assert found is not None
    return read_section(asked, found, posted, TODAY)


def test_what_was_posted_is_read_in_canonical_form() -> None:
    """One value of each type."""
    typed = read(EVERY_TYPE, "all", {
        "all.text": [" Ana  Roy "],
        "all.lines": ["a\r\nb"],
        "all.email": ["ana@exemple.com"],
        "all.telephone": ["+1 514 555-0123"],
        "all.date.day": ["3"],
        "all.date.month": ["6"],
        "all.date.year": ["1985"],
        "all.year": ["2009"],
        "all.number": ["1 250"],
        "all.amount": ["12,5"],
        "all.yes_no": ["", "oui"],
        "all.choice": ["", "b"],
        "all.choices": ["", "b", "a"],
        "all.country": ["FR"],
        "all.box": ["", "oui"],
    })  # fmt: skip
    assert typed.errors == {}
    assert typed.warnings == {}
    assert typed.answers == {
        "text": "Ana Roy", "lines": "a\nb", "email": "ana@exemple.com", "telephone": "+1 514 555-0123",
        "date": "1985-06-03", "year": "2009", "number": "1250", "amount": "12.50", "yes_no": "oui", "choice": "b",
        "choices": "a b", "country": "FR", "box": "oui",
    }  # fmt: skip


def test_nothing_is_demanded_when_it_is_saved() -> None:
    """Empty fields are empty answers, whatever is required."""
    typed = read(EVERY_TYPE, "all", {f"all.{kind}": [""] for kind in FieldType})
    assert typed.errors == {}
    assert set(typed.answers.values()) == {""}


def test_what_was_not_on_the_page_is_not_read() -> None:
    """An absent question keeps its stored answer; an unticked box, which comes with an empty value, does not."""
    typed = read(EVERY_TYPE, "all", {"all.box": [""]})
    assert typed.answers == {"box": ""}
    stored = {"text": "Ana", "box": "oui"}
    assert merged(stored, typed.answers) == {"text": "Ana", "box": ""}


@pytest.mark.parametrize(
    ("parts", "value", "is_wrong"),
    [
        (("3", "6", "1985"), "1985-06-03", False),
        (("31", "2", "1985"), "1985-2-31", True),
        (("3", "", "1985"), "1985--3", True),
        (("", "", ""), "", False),
        (("x", "y", "z"), "z-y-x", True),
    ],
    ids=["whole", "no-such-day", "a-part", "none", "words"],
)
def test_a_date_in_three_fields(parts: tuple[str, str, str], value: str, is_wrong: bool) -> None:
    """A part of a date is an error, and comes back as it was typed."""
    names = ("all.date.day", "all.date.month", "all.date.year")
    typed = read(EVERY_TYPE, "all", {name: [part] for name, part in zip(names, parts, strict=True)})
    assert typed.answers == {"date": value}
    assert ("all.date" in typed.errors) is is_wrong


def test_iso_counts_before_three_fields() -> None:
    """Programs send it."""
    typed = read(EVERY_TYPE, "all", {"all.date": ["1985-06-03"], "all.date.day": ["9"]})
    assert typed.answers == {"date": "1985-06-03"}


CHILDREN = {
    "children.key": ["k3", "k1", "k2", "k1", "bad key", ""],
    "children.k1.name": ["Zoé"],
    "children.k2.name": [""],
    "children.k2.born.day": [""],
    "children.k3.name": ["Léo"],
    "children.k3.born": ["2999-01-01"],
    "children.k9.name": ["Personne"],
}


def test_members_keep_their_keys() -> None:
    """In the order of the page; a blank one is none, one that was not named is not read; errors have its path."""
    typed = read(family(), "children", CHILDREN)
    assert typed.answers["members"] == [
        {"key": "k3", "name": "Léo", "born": "2999-01-01"},
        {"key": "k1", "name": "Zoé"},
    ]
    assert list(typed.errors) == ["children.k3.born"]


def test_a_member_goes_by_its_key() -> None:
    """And no other."""
    typed = read(family(), "children", CHILDREN | {"children.remove": ["k3", "k7"]})
    assert typed.answers["members"] == [{"key": "k1", "name": "Zoé"}]
    assert typed.errors == {}


def test_members_beyond_the_most_are_told_and_kept() -> None:
    """Nothing that was typed vanishes."""
    posted = {"children.key": [f"k{n}" for n in range(5)]} | {
        f"children.k{n}.name": [f"N{n}"] for n in range(5)
    }
    typed = read(family(), "children", posted)
    assert len(typed.answers["members"]) == 5
    assert typed.errors == {"children": "Il y en a au plus 3\N{NO-BREAK SPACE}: retirez-en."}


def test_a_member_that_stays_keeps_what_was_not_on_the_page() -> None:
    """By its key, wherever it stands now."""
    stored = {"members": [{"key": "k1", "name": "Zoe", "school": "École"}, {"key": "k2", "name": "X"}]}
    typed = {"members": [{"key": "k3", "name": "Léo"}, {"key": "k1", "name": "Zoé"}]}
    assert merged(stored, typed)["members"] == [
        {"key": "k3", "name": "Léo"},
        {"key": "k1", "name": "Zoé", "school": "École"},
    ]


def test_json_is_read_as_a_page_is() -> None:
    """One reading for both."""
    children = family().section("children")
    assert children is not None
    posted = posted_of(children, {"members": [{"key": "k1", "name": "Zoé", "unknown": "x"}]})
    assert read_section(family(), children, posted, TODAY).answers == {
        "members": [{"key": "k1", "name": "Zoé"}]
    }
    all_types = EVERY_TYPE.sections[0]
    posted = posted_of(all_types, {"choices": "b a", "text": "x", "members": []})
    assert read_section(EVERY_TYPE, all_types, posted, TODAY).answers == {"text": "x", "choices": "a b"}


def test_a_section_of_which_no_member_came_keeps_them() -> None:
    """And so does a member of which only the key came: what is left out keeps its answer."""
    children = family().section("children")
    assert children is not None
    stored = {"members": [{"key": "k1", "name": "Zoé"}, {"key": "k2", "name": "Léo"}]}
    for sent, left in (
        ({}, ["Zoé", "Léo"]),
        ({"members": [{"key": "k2"}]}, ["Léo"]),
        ({"members": [{"key": "k2"}, {"key": "k3"}]}, ["Léo"]),
        ({"members": []}, []),
    ):
        typed = read_section(family(), children, posted_of(children, sent), TODAY)
        assert [one["name"] for one in members_of(merged(stored, typed.answers))] == left


@pytest.mark.parametrize(
    ("section_id", "sent", "dropped"),
    [
        ("children", {"members": [{"key": "k1", "name": "Zoé"}]}, []),
        ("children", {}, []),
        ("children", {"name": "Zoé"}, ["children.name"]),
        ("children", {"members": "Zoé"}, ["children.members"]),
        ("children", {"members": [{"name": "Zoé"}]}, ["children.members[0].key"]),
        ("children", {"members": [{"key": "une clé", "name": "Zoé"}]}, ["children.members[0].key"]),
        ("children", {"members": [{"key": "k", "name": "A"}, {"key": "k"}]}, ["children.members[1].key"]),
        ("children", {"members": [{"key": "k1", "prénom": "Zoé"}]}, ["children.k1.prénom"]),
        ("children", {"members": [{"key": "k1", "old": "as stored"}]}, []),
        ("children", {"members": [{"key": "k1", "old": "another"}]}, ["children.k1.old"]),
        ("all", {"text": "x"}, []),
        ("all", {"text": [{"key": "x"}]}, ["all.text"]),
        ("all", {"nothing": "x"}, ["all.nothing"]),
        ("all", {"n" * 500: "x"}, ["all." + "n" * 60]),
    ],
    ids=["whole", "nothing", "no-member", "no-list", "no-key", "bad-key", "key-twice", "unasked", "as-stored",
         "no-longer-asked", "text", "list", "unknown", "long-name"],
)  # fmt: skip
def test_nothing_that_a_program_sent_is_dropped_in_silence(
    section_id: str, sent: dict[str, Any], dropped: list[str]
) -> None:
    """What no question takes is named; who sends back what they read changes nothing."""
    section = (family() if section_id == "children" else EVERY_TYPE).section(section_id)
    assert section is not None
    stored = {"members": [{"key": "k1", "old": "as stored"}]}
    assert list(dropped_of(section, sent, stored)) == dropped


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("+1 514 555-0123", True),
        ("514 555-0123 poste 12", True),
        ("+33 1 00 00 00 01", True),
        ("(514) 864-8158 ext. 3", True),
        ("12", False),
        ("aucun", False),
        ("+", False),
    ],
)
def test_a_telephone_is_remarked_never_refused(number: str, is_one: bool) -> None:
    """An extension is no part of the number."""
    assert looks_like_a_telephone(number) is is_one
    typed = read(EVERY_TYPE, "all", {"all.telephone": [number]})
    assert typed.errors == {}
    assert ("all.telephone" in typed.warnings) is not is_one


def test_a_post_is_bounded() -> None:
    """No bad UTF-8, and no more fields than any form has."""
    assert posted_lists(urlencode([("a", "é"), ("a", "2"), ("b", "")]).encode()) == {
        "a": ["é", "2"],
        "b": [""],
    }
    with pytest.raises(Refusal):
        posted_lists(b"a=%ff")
    with pytest.raises(Refusal):
        posted_lists(b"\xff=1")
    with pytest.raises(Refusal):
        posted_lists(b"a=1&" * 1_001)


@pytest.mark.parametrize(
    ("key", "good"), [("k1", True), ("a-b", True), ("", False), ("a.b", False), ("é", False), ("-", False)]
)
def test_a_members_key_is_plain(key: str, good: bool) -> None:
    """It stands in names, anchors and paths."""
    assert is_key(key) is good


@pytest.mark.parametrize("name", list(BAD_TEXTS))
@pytest.mark.parametrize("kind", [kind.value for kind in FieldType])
def test_each_type_of_field_with_bad_input(kind: str, name: str) -> None:
    """No bad text breaks a reading; what is stored has nothing in it that nobody sees; what is wrong is told in both
    readings alike."""
    bad = BAD_TEXTS[name]
    typed = read(EVERY_TYPE, "all", {f"all.{kind}": [bad], f"all.{kind}.day": [bad]})
    stored = typed.answers[kind]
    assert isinstance(stored, str)
    assert not any(ord(one) < 32 and (one != "\n" or kind != "lines") for one in stored)
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in stored
    assert "\ud800" not in stored
    stored.encode()
    again = read(EVERY_TYPE, "all", {f"all.{kind}": [stored]})
    assert again.answers[kind] == stored
    found = evaluate(EVERY_TYPE, {"all": {kind: stored}}, TODAY)
    if kind != "email":  # when it is typed more is asked of an address
        assert (f"all.{kind}" in found.errors) is bool(again.errors)
    if len(bad) >= 5_000:
        assert typed.errors


@pytest.mark.parametrize("email", ["ana@exemple.test", "ana@exemple.invalid", "ána@exemple.ca"])
def test_the_address_of_an_account_is_one_in_its_form(email: str) -> None:
    """Whoever could register with it can write it here."""
    section = EVERY_TYPE.sections[0]
    typed = read_section(EVERY_TYPE, section, {"all.email": [email]}, TODAY)
    assert (typed.answers["email"], typed.errors) == (email, {})
