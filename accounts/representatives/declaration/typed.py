"""What a candidate typed of a representative, read and checked: a value, or what is wrong by field, in French. Pure.

The register of consultants is asked elsewhere (`declaring.py`); here is all that the text itself says.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec
from email_validator import EmailNotValidError, validate_email

from accounts import normalisation
from accounts.identities import Identity
from accounts.normalisation import visible
from accounts.representatives.declaration.details import RepresentativeDetails
from accounts.representatives.states import RepresentativeKind

LONGEST: Final = {
    "family_name": 100,
    "given_name": 100,
    "number": 40,
    "organisation": 200,
    "email": 254,
    "telephone": 40,
    "address": 400,
}
"""Characters of each field."""

FIELDS: Final = ("kind", *LONGEST)
"""Of the form and of the API's body, in the form's order."""

WITH_NUMBER: Final = frozenset(
    {RepresentativeKind.LAWYER, RepresentativeKind.NOTARY, RepresentativeKind.CONSULTANT}
)
"""Kinds that are members of something, under a number."""

_NUMBERS: Final = {
    RepresentativeKind.LAWYER: "Entrez le numéro de membre du Barreau du Québec.",
    RepresentativeKind.NOTARY: "Entrez le numéro de membre de la Chambre des notaires du Québec.",
    RepresentativeKind.CONSULTANT: "Entrez le numéro d’inscription au Registre québécois des consultants.",
}

_DIGIT: Final = re.compile(r"\d")

SELF: Final = (
    "C’est votre nom : vous n’avez pas besoin de représentant pour agir vous-même. Si cette personne porte le même nom "
    "que vous, appelez le Centre de contacts."
)

OWN_EMAIL: Final = (
    "C’est l’adresse de votre compte. Entrez celle de votre représentant, pour que les avis à l’un et à l’autre "
    "n’arrivent pas au même endroit."
)


class TypedRepresentative(msgspec.Struct, frozen=True):
    """What was typed, cleaned; `kind` and `details` are there where nothing is wrong. `errors` by field."""

    values: dict[str, str]
    errors: dict[str, str]
    kind: RepresentativeKind | None = None
    details: RepresentativeDetails | None = None


class DeclaringCandidate(msgspec.Struct, frozen=True):
    """Who declares: what a representative may not be. `email` is empty where the account has none."""

    identity: Identity
    email: str = ""


def read(posted: Mapping[str, str], candidate: DeclaringCandidate) -> TypedRepresentative:
    """Read the form, or the body of the call."""
    values = {name: _cleaned(name, posted.get(name, "")) for name in FIELDS}
    errors = {name: why for name, longest in LONGEST.items() if (why := _too_long(values[name], longest))}
    kind = next((one for one in RepresentativeKind if one == values["kind"]), None)
    if kind is None:
        errors["kind"] = "Choisissez ce qu’est cette personne."
    email, wrong = _email(values["email"])
    found = {
        "family_name": _names(values, candidate),
        "number": _number(kind, values["number"]),
        "email": wrong or (OWN_EMAIL if same_email(email, candidate.email) else None),
        "telephone": _telephone(values["telephone"]),
    }
    errors = {name: why for name, why in found.items() if why} | errors
    in_order = {name: errors[name] for name in FIELDS if name in errors}
    if kind is None or in_order:
        return TypedRepresentative(values, in_order)
    rest = {name: values[name] for name in LONGEST if name != "email"}
    return TypedRepresentative(values, {}, kind, RepresentativeDetails(email=email, **rest))


def same_email(one: str, other: str) -> bool:
    """Whether two addresses are one mailbox, as far as anybody can tell: neither case nor the spelling of an accent
    counts."""
    return bool(one) and _canonical(one) == _canonical(other)


def is_self(given_name: str, family_name: str, identity: Identity) -> bool:
    """Whether a name is the candidate's, in whichever order and spelling."""
    letters = normalisation.letters
    theirs = sorted(filter(None, (letters(given_name), letters(family_name))))
    own = sorted(filter(None, (letters(identity.given_name), letters(identity.family_name))))
    return bool(theirs) and "".join(theirs) == "".join(own)


def _cleaned(name: str, text: str) -> str:
    """What is seen of it. An address keeps its lines."""
    text = text[: 10 * LONGEST.get(name, 40)]
    if name != "address":
        return visible(text)
    return "\n".join(line for line in map(visible, text.splitlines()) if line)


def _too_long(text: str, longest: int) -> str | None:
    return f"Ce texte a plus de {longest} caractères : abrégez-le." if len(text) > longest else None


def _names(values: Mapping[str, str], candidate: DeclaringCandidate) -> str | None:
    if not values["family_name"] and not values["given_name"]:
        return "Entrez le nom de cette personne, comme la procuration le dira."
    is_own = is_self(values["given_name"], values["family_name"], candidate.identity)
    return SELF if is_own else None


def _number(kind: RepresentativeKind | None, number: str) -> str | None:
    if kind in WITH_NUMBER and not normalisation.letters(number):
        return _NUMBERS[kind]
    return None


def _telephone(telephone: str) -> str | None:
    if telephone and not _DIGIT.search(telephone):
        return "Entrez un numéro de téléphone, avec l’indicatif du pays, ou laissez ce champ vide."
    return None


def _email(text: str) -> tuple[str, str | None]:
    """The address in the form that is kept and that mail can be sent to, and what is wrong with it."""
    if not text:
        return "", "Entrez l’adresse de courriel de cette personne."
    try:
        found = validate_email(text, check_deliverability=False, strict=True, test_environment=True)
    except (EmailNotValidError, ValueError):
        return "", "Entrez une adresse de courriel complète, telle que nom@exemple.ca."
    if found.ascii_email is None:
        return (
            "",
            "Le début de cette adresse a des lettres accentuées : demandez-en une autre à cette personne.",
        )
    return found.normalized, None


def _canonical(email: str) -> str:
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.casefold()
    except (EmailNotValidError, ValueError):
        return visible(email).casefold()
