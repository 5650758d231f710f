"""What somebody sends to make an account, and every problem of it, field by field. Pure.

One reading for the page and the API: fields have the page's names, and `api_name` says what the API calls each.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from accounts import normalisation
from accounts.candidates import LEAST_QUESTIONS, MOST_QUESTIONS
from accounts.identities import Identity, iso_date, known_as, passport_number
from accounts.normalisation import visible
from accounts.personal_data import email_addresses, home_address
from accounts.personal_data.countries import code_of
from accounts.personal_data.email_addresses import EmailAddress
from accounts.personal_data.home_address import HomeAddress
from accounts.secrets import password_rules, questions
from accounts.secrets.password_rules import PasswordFault

SHORTEST_USERNAME, LONGEST_USERNAME = 3, 60
"""Characters of a new user name: it is typed again on the day."""

LONGEST_NAME = 100
"""Characters of a name, a country, a document number."""

TERMS_VERSION = "2016-01"
"""Of the terms that are shown (`templates/conditions.html`); an account keeps which it accepted."""

BORN_FIRST = date(1880, 1, 1)
"""Nobody who lives was born earlier: such a date is a slip."""

NOT_A_NAME = "Choisissez un nom d’utilisateur de trois caractères au moins, dont deux lettres ou chiffres."

TERMS = "Pour ouvrir un compte, lisez et acceptez les conditions d’utilisation."


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent, as it was typed. `address` is None where none was sent. The page asks for more (`is_by_page`)."""

    programme: str
    username: str
    email: str
    password: str
    questions: tuple[tuple[str, str], ...]
    identity: Identity
    address: HomeAddress | None
    terms: bool
    is_by_page: bool = False


class CheckedApplication(msgspec.Struct, frozen=True):
    """An application in which nothing is wrong: `known` is the user name as it is stored."""

    typed: Application
    known: str
    email: EmailAddress
    identity: Identity


class ApplicationFaults(msgspec.Struct, frozen=True):
    """What is wrong, by field of the form in its order; and why the password is not taken, if that is it."""

    fields: dict[str, str]
    password: PasswordFault | None


def check(
    typed: Application, today: date, words: Iterable[str] = ()
) -> CheckedApplication | ApplicationFaults:
    """The application if nothing is wrong with it, otherwise every problem. `words` are those of the programme.

    The page asks for three questions and a country of birth; a program may leave the third and the country out.
    """
    email = email_addresses.read(typed.email)
    identity = cleaned(typed.identity)
    fields = username_problems(typed.username)
    if email is None:
        fields["email"] = "Entrez une adresse de courriel complète, comme nom@exemple.ca."
    own = (typed.username, typed.email, identity.family_name, identity.given_name, *words)
    fault = password_rules.fault_of(typed.password, own)
    if fault is not None:
        fields["password"] = password_rules.SENTENCES[fault]
    fields |= questions.problems(
        typed.questions, wanted=ASKED_QUESTIONS if typed.is_by_page else LEAST_QUESTIONS
    )
    fields |= identity_problems(identity, today)
    if typed.is_by_page and not identity.birth_country:
        fields["birth_country"] = "Choisissez votre pays de naissance."
    if typed.address is not None:
        fields |= home_address.problems(typed.address)
    if not typed.terms:
        fields["terms"] = TERMS
    if fields or email is None:
        return ApplicationFaults(fields, fault)
    return CheckedApplication(typed, known_as(typed.username), email, identity)


def username_problems(username: str) -> dict[str, str]:
    """What is wrong with a new user name."""
    name = visible(username)
    if len(name) < SHORTEST_USERNAME or len(normalisation.letters(name)) < 2:
        return {"username": NOT_A_NAME}
    if len(name) > LONGEST_USERNAME:
        return {"username": f"Ce nom d’utilisateur dépasse {LONGEST_USERNAME} caractères."}
    if "@" in name:
        return {
            "username": "Choisissez un nom qui n’est pas une adresse de courriel : d’autres la connaissent."
        }
    return {}


def cleaned(identity: Identity) -> Identity:
    """An identity as it is kept."""
    return Identity(
        family_name=visible(identity.family_name),
        given_name=visible(identity.given_name),
        birth_date=visible(identity.birth_date),
        passport=passport_number(identity.passport),
        birth_country=code_of(identity.birth_country),
    )


def identity_problems(identity: Identity, today: date) -> dict[str, str]:
    """What is wrong with a cleaned identity; one of its two names may be missing."""
    found: dict[str, str] = {}
    if not any(map(normalisation.letters, (identity.family_name, identity.given_name))):
        found["family_name"] = "Entrez votre nom de famille ou votre prénom; l’un des deux peut manquer."
    for field in ("family_name", "given_name", "passport", "birth_country"):
        if len(getattr(identity, field)) > LONGEST_NAME:
            found[field] = f"Ce texte dépasse {LONGEST_NAME} caractères : vérifiez ce qui a été collé ici."
    born = iso_date(identity.birth_date)
    if born is None:
        found["birth_date"] = "Entrez une date comme 1990-02-03 : l’année, le mois, le jour."
    elif not BORN_FIRST <= born <= today:
        found["birth_date"] = f"Entrez une date entre {BORN_FIRST.year} et aujourd’hui."
    if not identity.passport:
        found["passport"] = "Entrez le numéro de votre passeport ou d’un autre document d’identité."
    return found


_PAIR = re.compile(r"(question|answer)-([0-9]+)")

_OF_IDENTITY = frozenset(Identity.__struct_fields__)


def api_name(field: str) -> str:
    """What the API calls a field of the form: `answers[0].question`, `identity.passport`."""
    if pair := _PAIR.fullmatch(field):
        return f"answers[{int(pair[2]) - 1}].{pair[1]}"
    if field in _OF_IDENTITY:
        return f"identity.{field}"
    return {"address": "address.lines", "country": "address.country"}.get(field, field)


FORM_FIELDS = (
    "username", "email", "password",
    *(f"{kind}-{place}" for place in range(1, MOST_QUESTIONS + 1) for kind in ("question", "answer")),
    "family_name", "given_name", "birth_date", "birth_country", "passport", "address", "country", "terms",
)  # fmt: skip
"""The fields of the page, in its order."""

_BY_API_NAME = {api_name(field): field for field in FORM_FIELDS}


def form_errors(refused: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The `fields` of a refusal as the page shows them: its own names, in its order."""
    said = {_BY_API_NAME.get(one["name"], one["name"]): one["reason"] for one in refused}
    return {field: said[field] for field in FORM_FIELDS if field in said}


def of_form(programme: str, fields: Mapping[str, str]) -> Application:
    """The application that a posted form is."""

    def field(name: str) -> str:
        return fields.get(name, "")

    pairs = tuple(
        (field(f"question-{place}"), field(f"answer-{place}")) for place in range(1, MOST_QUESTIONS + 1)
    )
    return Application(
        programme=programme,
        username=field("username"),
        email=field("email"),
        password=field("password"),
        questions=pairs,
        identity=Identity(**{name: field(name) for name in Identity.__struct_fields__}),
        address=home_address.read(field("address"), field("country")),
        terms=field("terms") == "oui",
        is_by_page=True,
    )


ASKED_QUESTIONS = MOST_QUESTIONS
"""The page asks for all of them; the API takes from `LEAST_QUESTIONS` on (AC-01)."""

assert LEAST_QUESTIONS <= ASKED_QUESTIONS
