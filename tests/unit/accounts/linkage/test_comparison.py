"""How alike two records are."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accounts.identities import Identity
from accounts.linkage.comparison import (
    CONTACTS,
    POINTS,
    REVIEWED,
    WORDS,
    PersonRecord,
    Signal,
    compare,
    is_exact,
    score_of,
)

NAMES = st.sampled_from(
    [
        "Benali",
        "Ben Ali",
        "بن علي",
        "Diallo",
        "Awa",
        "Nour",
        "Noureddine",
        "Nour Eddine",
        "王",
        "O",
        "",
        "Jean-Pierre",
    ]
) | st.text(max_size=8)

DATES = st.sampled_from(
    ["1984-03-07", "1984-07-03", "1984-03-08", "1985-01-01", "1948-03-07", "", "07/03/1984"]
)

DOCUMENTS = st.sampled_from(["AB1234567", "AB1234568", "AB1243567", "X1", ""]) | st.text(max_size=9)

IDENTITIES = st.builds(Identity, family_name=NAMES, given_name=NAMES, birth_date=DATES, passport=DOCUMENTS)

RECORDS = st.builds(
    PersonRecord,
    identity=IDENTITIES,
    emails=st.sampled_from([(), ("a@exemple.invalid",), ("a+b@exemple.invalid",), ("no",)]),
    telephones=st.sampled_from([(), ("514 555-0199",), ("+1 514 555 0199 poste 2",), ("?",)]),
    relatives=st.lists(IDENTITIES, max_size=1).map(tuple),
)


def person(**fields: str) -> PersonRecord:
    """A person, Awa N’Diaye unless it is said otherwise."""
    named = {
        "family_name": "N’Diaye",
        "given_name": "Awa",
        "birth_date": "1990-02-23",
        "passport": "AB1234567",
    }
    return PersonRecord(identity=Identity(**named | fields))


@given(RECORDS, RECORDS)
def test_the_order_of_two_records_makes_no_difference(one: PersonRecord, other: PersonRecord) -> None:
    """Whoever is looked at first, the signals and the score are the same."""
    assert compare(one, other) == compare(other, one)


@given(RECORDS, RECORDS, st.sampled_from(["passport", "birth_date", "names", "contacts"]))
@settings(max_examples=300)
def test_more_in_common_never_lowers_the_score(one: PersonRecord, other: PersonRecord, what: str) -> None:
    """A field that becomes the same speaks for one person, never against it."""
    assume(not one.relatives and not other.relatives)
    changes: dict[str, Any] = {}
    if what == "names":
        same = {"family_name": one.identity.family_name, "given_name": one.identity.given_name}
        changes["identity"] = msgspec.structs.replace(other.identity, **same)
    elif what == "contacts":
        changes = {"emails": one.emails, "telephones": one.telephones}
        assume(one.emails and one.telephones)
    else:
        same = {what: getattr(one.identity, what)}
        assume(same[what].strip())
        changes["identity"] = msgspec.structs.replace(other.identity, **same)
    assert compare(one, msgspec.structs.replace(other, **changes)).score >= compare(one, other).score


@given(RECORDS)
def test_contacts_alone_are_nothing(one: PersonRecord) -> None:
    """Who shares telephone and address, and nothing of the person, is nobody to look at."""
    stranger = Identity(family_name="Żółć", given_name="Bjørk", birth_date="1931-12-31", passport="")
    other = PersonRecord(identity=stranger, emails=one.emails, telephones=one.telephones)
    assume(not one.relatives)
    found = compare(one, other)
    assert not set(found.signals) <= CONTACTS or found.score == 0
    assert sum(POINTS[signal] for signal in CONTACTS) < REVIEWED / 2


NEAR = [
    ({"family_name": "Awa", "given_name": "Ndiaye"}, {Signal.NAME_ORDER, Signal.BIRTH_SAME, Signal.DOCUMENT_SAME}),
    ({"birth_date": "1990-03-23"}, {Signal.NAME_SAME, Signal.BIRTH_DIGIT, Signal.DOCUMENT_SAME}),
    ({"passport": "AB1243567"}, {Signal.NAME_SAME, Signal.BIRTH_SAME, Signal.DOCUMENT_EDITED}),
    ({"passport": "CD7654321"}, {Signal.NAME_SAME, Signal.BIRTH_SAME, Signal.DOCUMENT_DIFFERENT}),
    ({"given_name": "Awa Marie", "passport": ""}, {Signal.NAME_PART, Signal.BIRTH_SAME}),
    ({"family_name": "Okafor", "given_name": "Ngozi", "birth_date": "", "passport": "AB 1234567"},
     {Signal.DOCUMENT_SAME}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "signals"), NEAR, ids=[f"case{number}" for number in range(len(NEAR))])
def test_what_is_near_is_named_and_reviewed(changes: dict[str, str], signals: set[Signal]) -> None:
    """The signals say why; together they reach a person."""
    found = compare(person(), person(**changes))
    assert set(found.signals) == signals
    assert found.score == score_of(frozenset(signals))
    assert found.is_reviewed


FAR = [
    {"given_name": "Aïssatou", "passport": "AB1234568"},
    {"family_name": "Diallo", "given_name": "Mamadou", "passport": "CD7654321"},
    {"birth_date": "1962-10-04", "passport": "CD7654321"},
    {"family_name": "Okafor", "birth_date": "1971-01-09", "passport": "X1"},
]


@pytest.mark.parametrize("changes", FAR, ids=["twin", "same day", "namesake", "given name"])
def test_who_has_one_thing_in_common_is_left_alone(changes: dict[str, str]) -> None:
    """A twin, a stranger of the same day, a namesake."""
    assert not compare(person(), person(**changes)).is_reviewed


def test_a_declared_relative_is_a_known_relation() -> None:
    """Twins whose names sound alike are reviewed, unless one declares the other."""
    twin = {"family_name": "Haddad", "birth_date": "1990-02-23"}
    one, other = (
        person(given_name="Hassan", **twin),
        person(given_name="Hussein", passport="CD7654321", **twin),
    )
    assert compare(one, other).is_reviewed
    declaring = msgspec.structs.replace(one, relatives=(other.identity,))
    found = compare(declaring, other)
    assert Signal.KNOWN_RELATIVE in found.signals
    assert not found.is_reviewed


def test_nobody_makes_a_relative_of_themselves() -> None:
    """Declaring one’s own other account as a relative hides nothing."""
    itself = person(family_name="Ndiaye", passport="CD7654321")
    declaring = msgspec.structs.replace(person(), relatives=(person().identity,))
    assert compare(declaring, itself).is_reviewed


def test_exact_is_the_same_to_the_letter_with_a_document() -> None:
    """As persons of a period are compared; without a document or a date nothing is exact."""
    assert is_exact(person().identity, person(family_name="ndiaye", passport="ab 123-4567").identity)
    assert not is_exact(person().identity, person(passport="CD7654321").identity)
    assert not is_exact(person(passport="").identity, person(passport="").identity)
    assert not is_exact(person(birth_date="").identity, person(birth_date="").identity)


def test_every_signal_counts_and_has_words() -> None:
    """What is found is explained."""
    assert set(POINTS) == set(WORDS) == set(Signal)
