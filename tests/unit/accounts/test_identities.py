"""Spelling does not make another person."""

import pytest

from accounts import identities
from accounts.identities import Identity
from quota.store import PERSON_KEY_MARK

ANNE = Identity(
    family_name="Lefèvre-Œuvrard", given_name="Anne Marie", birth_date="1985-03-07", passport="12AB 34567"
)

SAME = [
    {"family_name": "LEFEVRE OEUVRARD"},
    {"family_name": "lefe\u0300vre-œuvrard"},
    {"given_name": "Anne-Marie"},
    {"given_name": "ＡＮＮＥ　ＭＡＲＩＥ"},
    {"passport": "12ab-34567"},
    {"birth_date": "1985 03 07"},
]

OTHER = [
    {"family_name": "Lefèvre"},
    {"given_name": "Anne"},
    {"birth_date": "1985-07-03"},
    {"passport": "12AB 34568"},
    {"family_name": "Lefèvre-Œuvrard Anne", "given_name": "Marie"},
]


BEFORE, TODAY = "k", f"{PERSON_KEY_MARK}k"
"""The key of a period that began under an earlier release, and one of today."""

SAME_TODAY = [
    {"family_name": "Lefèvre\N{ZERO WIDTH SPACE} Œuvrard\N{RIGHT-TO-LEFT MARK}"},
    {"passport": "１２ＡＢ\N{EN DASH}34567"},
    {"passport": "١٢AB34567"},
    {"birth_date": "07/03/1985"},
    {"birth_date": "7.3.1985"},
]
"""What is the same person today, and was another under earlier releases (or not)."""


def spelled(changes: dict[str, str]) -> Identity:
    return Identity(**({name: getattr(ANNE, name) for name in Identity.__struct_fields__} | changes))


@pytest.mark.parametrize("key", [BEFORE, TODAY])
@pytest.mark.parametrize("changes", SAME)
def test_a_person_is_the_same_however_they_spell_themselves(changes: dict[str, str], key: str) -> None:
    """Case, accents, ligatures, wide letters, punctuation and spaces make nobody else (AC-03)."""
    assert identities.person(spelled(changes), key) == identities.person(ANNE, key)


@pytest.mark.parametrize("changes", SAME_TODAY)
def test_what_nobody_sees_and_a_date_of_before_make_nobody_else(changes: dict[str, str]) -> None:
    """One passport and one name with a date that an earlier release took as it came is one person, in a new period."""
    assert identities.person(spelled(changes), TODAY) == identities.person(ANNE, TODAY)


@pytest.mark.parametrize("key", [BEFORE, TODAY])
@pytest.mark.parametrize("changes", OTHER)
def test_another_identity_is_another_person(changes: dict[str, str], key: str) -> None:
    """What differs in a letter or digit, or stands in another field, is somebody else."""
    assert identities.person(spelled(changes), key) != identities.person(ANNE, key)


def test_one_name_is_one_person_whichever_field_it_is_in() -> None:
    """A person of one name may have written it into either; with two names the order counts."""
    one = [spelled({"family_name": name, "given_name": ""}) for name in ("Sukarno", "SUKARNO ")]
    other = spelled({"family_name": "", "given_name": "Sukarno"})
    assert len({identities.person(who, TODAY) for who in (*one, other)}) == 1
    turned = spelled({"family_name": ANNE.given_name, "given_name": ANNE.family_name})
    assert identities.person(turned, TODAY) != identities.person(ANNE, TODAY)


@pytest.mark.parametrize(
    ("changes", "digits"),
    [
        ({}, "9137e3a0d33c35ee"),
        ({"birth_date": "07/03/1985"}, "d769863b46ed1188"),
        ({"family_name": "Nʼx"}, "90ec1fc1a696d388"),
    ],
)
def test_persons_of_a_period_that_began_before_are_keyed_as_they_were(
    changes: dict[str, str], digits: str
) -> None:
    """The hash in the table of an open period is found again, or its people could submit a second time (P4)."""
    assert identities.person(spelled(changes), BEFORE)[:16] == digits


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1990-02-03", True),
        (" 1990-02-03\N{NO-BREAK SPACE}", True),
        ("03/02/1990", False),
        ("1990-2-3", False),
        ("19900203", False),
        ("1990-02-30", False),
        ("1990-W05-6", False),
        ("١٩٩٠-٠٢-٠٣", False),
        ("", False),
    ],
)
def test_a_date_is_year_month_day(text: str, is_one: bool) -> None:
    """Any other way of writing one is two dates, or none."""
    assert (identities.iso_date(text) is not None) is is_one


def test_a_typed_user_name_stands_for_two_stored_ones() -> None:
    """That of earlier releases first: where two would be one, each has kept its own."""
    assert identities.spellings(" René ") == ("rené", "rene")
    assert identities.spellings("demo-00001") == ("demo-00001",)


def test_a_passport_number_is_kept_without_what_was_typed_between() -> None:
    """Case, spaces and hyphens are not part of it."""
    assert identities.passport_number(" 12ab\N{EN DASH}34 567 ") == "12AB34567"


def test_a_person_means_nothing_outside_the_period() -> None:
    """Two periods have two keys: their hashes cannot be compared."""
    assert identities.person(ANNE, "one period's key") != identities.person(ANNE, "another's")


def test_answers_are_compared_as_people_mean_them() -> None:
    """Case, accents, spaces and an empty last field do not count; the order does (AC-01)."""
    text = identities.answers_text(["Érable", "le grand chien"])
    assert identities.answers_text([" ERABLE ", "Le  Grand\tChien", " "]) == text
    assert identities.answers_text(["le grand chien", "Érable"]) != text
    assert identities.answers_text(["Érablelegrand", "chien"]) != text
