"""Answers to a form that is known by the contract alone: something that fits each type of field. Pure.

It answers what the service says is missing, so conditions between fields need not be understood here.
"""

from collections.abc import Iterable
from typing import Any

import msgspec


class ServedField(msgspec.Struct, frozen=True):
    """A field of a form, as `GET /api/v1/programmes/{id}/form` gives it, and all of it that matters here."""

    id: str
    type: str
    options: list[dict[str, str]] = []
    longest: int | None = None
    least: int | None = None


class ServedSection(msgspec.Struct, frozen=True):
    """A section of the same; `repeats` where it has members."""

    id: str
    fields: list[ServedField]
    repeats: dict[str, int] | None = None


class ServedForm(msgspec.Struct, frozen=True):
    """A form as a program gets it."""

    version: str
    sections: list[ServedSection]


FIXED = {
    "email": "personne@exemple.invalid",
    "telephone": "+1 514 555-0123",
    "date": "1990-02-03",
    "year": "2012",
    "number": "24",
    "amount": "1000",
    "yes_no": "oui",
    "country": "FR",
    "box": "oui",
}
"""Type of a field -> an answer that fits most of them."""


def answer_to(field: ServedField, seed: int) -> str:
    """Something that fits; texts differ from one seed to the next."""
    if field.type in ("choice", "choices") and field.options:
        return field.options[seed % len(field.options)]["id"]
    if field.type in ("number", "amount", "year") and field.least is not None:
        return str(max(field.least, int(FIXED[field.type])))
    text = FIXED.get(field.type, f"Réponse {seed}")
    return text if field.longest is None else text[: field.longest]


def first_answers(section: ServedSection, seed: int) -> dict[str, Any]:
    """Every field of a section; of a repeated one as many members as it needs."""
    if section.repeats is None:
        return {field.id: answer_to(field, seed) for field in section.fields}
    return {
        "members": [
            {"key": f"m{place}", **{field.id: answer_to(field, seed) for field in section.fields}}
            for place in range(1, section.repeats.get("least", 0) + 1)
        ]
    }


def completed(
    section: ServedSection, answers: dict[str, Any], missing: Iterable[str], seed: int
) -> dict[str, Any]:
    """The answers of a section with what is missing of it filled in; paths are `section.field` or `section.key.field`,
    and `section` alone where it has too few members."""
    fields = {field.id: field for field in section.fields}
    filled = {**answers}
    for path in missing:
        name, _, rest = path.partition(".")
        if name != section.id:
            continue
        if not rest:
            members = list(filled.get("members", []))
            one = {field.id: answer_to(field, seed) for field in section.fields}
            filled["members"] = [*members, {"key": f"m{len(members) + 1}", **one}]
        elif rest in fields:
            filled[rest] = answer_to(fields[rest], seed)
        else:
            key, _, field = rest.partition(".")
            filled["members"] = [
                {**member, field: answer_to(fields[field], seed)} if member.get("key") == key else member
                for member in filled.get("members", [])
            ]
    return filled
