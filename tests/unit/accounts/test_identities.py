"""Spelling does not make another person."""

import pytest

from accounts import identities
from accounts.identities import Identity

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


def spelled(changes: dict[str, str]) -> Identity:
    return Identity(**({name: getattr(ANNE, name) for name in Identity.__struct_fields__} | changes))


@pytest.mark.parametrize("changes", SAME)
def test_a_person_is_the_same_however_they_spell_themselves(changes: dict[str, str]) -> None:
    """Case, accents, ligatures, wide letters, punctuation and spaces make nobody else (AC-03)."""
    assert identities.person(spelled(changes), "k") == identities.person(ANNE, "k")


@pytest.mark.parametrize("changes", OTHER)
def test_another_identity_is_another_person(changes: dict[str, str]) -> None:
    """What differs in a letter or digit, or stands in another field, is somebody else."""
    assert identities.person(spelled(changes), "k") != identities.person(ANNE, "k")


def test_a_person_means_nothing_outside_the_period() -> None:
    """Two periods have two keys: their hashes cannot be compared."""
    assert identities.person(ANNE, "one period's key") != identities.person(ANNE, "another's")


def test_answers_are_compared_as_people_mean_them() -> None:
    """Case, accents, spaces and an empty last field do not count; the order does (AC-01)."""
    text = identities.answers_text(["Érable", "le grand chien"])
    assert identities.answers_text([" ERABLE ", "Le  Grand\tChien", " "]) == text
    assert identities.answers_text(["le grand chien", "Érable"]) != text
    assert identities.answers_text(["Érablelegrand", "chien"]) != text
