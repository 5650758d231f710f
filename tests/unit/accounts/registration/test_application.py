"""What is wrong with an application, field by field, and how page and API name the same fields."""

from datetime import date
from typing import Any

import msgspec
import pytest

from accounts.identities import Identity
from accounts.personal_data.home_address import HomeAddress
from accounts.registration import application
from accounts.registration.application import ApplicationFaults, CheckedApplication
from tests.support.candidates.registering import FORM

TODAY = date(2016, 1, 10)


def checked(**changes: Any) -> CheckedApplication | ApplicationFaults:
    return application.check(application.of_form("demo", FORM | changes), TODAY)


def test_a_form_that_is_right() -> None:
    """Nothing is wrong; names are kept as they are seen, numbers without blanks, countries by their letters."""
    found = checked(username="  Ève  Essai ")
    assert isinstance(found, CheckedApplication)
    assert (found.known, found.identity.passport, found.identity.birth_country) == (
        "eve essai",
        "ES0000001",
        "FR",
    )


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"username": "ab"}, {"username"}),
        ({"username": "---"}, {"username"}),
        ({"username": "n" * 61}, {"username"}),
        ({"username": "eve@exemple.test"}, {"username"}),
        ({"email": "eve"}, {"email"}),
        ({"password": "court"}, {"password"}),
        ({"answer-2": ""}, {"answer-2"}),
        ({"family_name": " ", "given_name": "\u200b"}, {"family_name"}),
        ({"given_name": ""}, set()),
        ({"family_name": ""}, set()),
        ({"given_name": "é" * 101}, {"given_name"}),
        ({"birth_date": "03/02/1990"}, {"birth_date"}),
        ({"birth_date": "2016-01-11"}, {"birth_date"}),
        ({"birth_date": "1879-12-31"}, {"birth_date"}),
        ({"passport": " - "}, {"passport"}),
        ({"address": "", "country": ""}, {"address", "country"}),
        ({"terms": ""}, {"terms"}),
    ],
    ids=["short", "no-letter", "long", "address", "no-address", "weak", "no-answer", "nameless", "family-alone",
         "given-alone", "long-name", "two-dates", "to-come", "too-old", "no-document", "no-home", "no-terms"],
)  # fmt: skip
def test_each_problem_is_its_fields(changes: dict[str, str], fields: set[str]) -> None:
    """One thing wrong is one field to correct; one name is enough."""
    found = checked(**changes)
    assert (set(found.fields) if isinstance(found, ApplicationFaults) else set()) == fields


def test_the_words_of_the_person_and_the_programme_make_no_password() -> None:
    """User name, address, names, programme."""
    typed = application.of_form("demo", FORM | {"password": "Essai-Roy-1990-Ève"})
    found = application.check(typed, TODAY, ("Programme d’essai",))
    assert isinstance(found, ApplicationFaults) and set(found.fields) == {"password"}


def test_fields_have_one_name_on_the_page_and_one_in_the_api() -> None:
    """There and back, each in the page's order."""
    refused = [
        {"name": application.api_name(field), "reason": field} for field in reversed(application.FORM_FIELDS)
    ]
    assert application.form_errors(refused) == {field: field for field in application.FORM_FIELDS}
    assert application.api_name("answer-2") == "answers[1].answer"


@pytest.mark.parametrize("home", [None, HomeAddress(["1, rue d’Essai"], "CA")], ids=["no-address", "address"])
def test_a_program_owes_two_questions_with_or_without_an_address(home: HomeAddress | None) -> None:
    """The third question, the country of birth and the address are the page's; the account asks for it afterwards."""
    identity = Identity(family_name="Roy", given_name="", birth_date="1990-01-01", passport="X")
    typed = msgspec.structs.replace(
        application.of_form("demo", FORM), address=home, identity=identity, is_by_page=False
    )
    typed = msgspec.structs.replace(typed, questions=typed.questions[:2])
    assert isinstance(application.check(typed, TODAY), CheckedApplication)
    on_page = msgspec.structs.replace(typed, is_by_page=True)
    found = application.check(on_page, TODAY)
    assert isinstance(found, ApplicationFaults)
    assert set(found.fields) == {"question-3", "answer-3", "birth_country"}
