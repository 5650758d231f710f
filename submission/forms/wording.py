"""Answers in people's words: what the review, letters and exports show of a form. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from submission.forms.conditions import day_in
from submission.forms.countries import countries, country_of
from submission.forms.evaluation import Evaluation
from submission.forms.model import FieldType, Form, FormField, FormSection
from submission.forms.values import NO, YES

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip

SAID = {YES: "Oui", NO: "Non"}

Words = Callable[[str], str]
"""A value in people's words."""


class AnswerLine(NamedTuple):
    """One question as it is read: its path, label, stored value, and the value in words; both empty where nothing
    stands."""

    path: str
    field: str
    label: str
    value: str
    words: str


class AnswerGroup(NamedTuple):
    """The questions of a section, or of one of its members (`key`), in the form's order. `name` is that of a member,
    such as « Enfant 2 »."""

    key: str
    name: str
    lines: list[AnswerLine]


class AnswerSection(NamedTuple):
    """A section that is seen."""

    id: str
    title: str
    groups: list[AnswerGroup]


def read_aloud(form: Form, found: Evaluation) -> list[AnswerSection]:
    """Everything that is seen of these answers, in the form's order."""
    return [
        AnswerSection(section.id, section.title, groups)
        for section in form.sections
        if (groups := list(_groups(form, section, found))) or section.id in found.members
    ]


class AnswerGap(NamedTuple):
    """One thing that keeps answers from being submitted: its path, the section (and member) and question, and what is
    wrong; nothing is where an answer is missing."""

    path: str
    title: str
    label: str
    error: str


def gaps(form: Form, found: Evaluation) -> list[AnswerGap]:
    """What is missing, then what is wrong, each named."""
    return [AnswerGap(path, *named(form, found, path), "") for path in found.missing] + [
        AnswerGap(path, *named(form, found, path), error) for path, error in found.errors.items()
    ]


def named(form: Form, found: Evaluation, path: str) -> tuple[str, str]:
    """What stands at a path of these answers: « Enfants, enfant 2 » and « Prénom »; of a section its title alone."""
    parts = path.split(".")
    section = form.section(parts[0])
    if section is None:
        return path, ""
    title = section.title
    if len(parts) == 3 and section.repeats is not None and parts[1] in found.members.get(section.id, ()):
        title += f", {section.repeats.name.lower()} {found.members[section.id].index(parts[1]) + 1}"
    field = next((one for one in section.fields if one.id == parts[-1]), None) if len(parts) > 1 else None
    return title, "" if field is None else field.label


def _groups(form: Form, section: FormSection, found: Evaluation) -> Iterator[AnswerGroup]:
    asked = asked_in(form, section.id)
    if section.repeats is None:
        if lines := _lines(asked, f"{section.id}.", found.visible):
            yield AnswerGroup("", "", lines)
        return
    for place, key in enumerate(found.members.get(section.id, ()), 1):
        name = f"{section.repeats.name} {place}"
        yield AnswerGroup(key, name, _lines(asked, f"{section.id}.{key}.", found.visible))


def _lines(
    asked: Sequence[tuple[str, str, Words]], prefix: str, visible: Mapping[str, str]
) -> list[AnswerLine]:
    return [
        AnswerLine(path, field, label, value, words(value) if value else "")
        for field, label, words in asked
        if (value := visible.get(path := prefix + field)) is not None
    ]


@lru_cache(512)
def asked_in(form: Form, section_id: str) -> tuple[tuple[str, str, Words], ...]:
    """Id, label and wording of each question of a section."""
    section = form.section(section_id)
    assert section is not None
    return tuple((field.id, field.label, words_of(field)) for field in section.fields)


def in_words(field: FormField, value: str) -> str:
    """A stored value as it is read."""
    return words_of(field)(value) if value else ""


def words_of(field: FormField) -> Words:
    """How values of this field are read."""
    make = _WORDS.get(field.type)
    return as_it_is if make is None else make(field)


def as_it_is(value: str) -> str:
    """What most values are read as."""
    return value


def date_in_words(value: str) -> str:
    """« 27 mars 1985 », « 1er juin 2016 »; what is no date as it is."""
    day = day_in(value)
    return value if day is None else day_words(day)


def day_words(day: date) -> str:
    """A day in French."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def _amount(value: str) -> str:
    whole, _, cents = value.partition(".")
    if not whole.isdecimal():
        return value
    grouped = f"{int(whole):,}".replace(",", "\N{NO-BREAK SPACE}")
    return f"{grouped}{',' if cents else ''}{cents}\N{NO-BREAK SPACE}$"


def _choice(field: FormField) -> Words:
    options = field.options
    return lambda value: options.get(value, value)


def _choices(field: FormField) -> Words:
    options = field.options
    return lambda value: ", ".join(options.get(one, one) for one in value.split())


def country_in_words(value: str) -> str:
    """The country's French name; what is none as it is."""
    return countries()[code] if (code := country_of(value)) else value


_WORDS: Mapping[FieldType, Callable[[FormField], Words]] = {
    FieldType.DATE: lambda _: date_in_words,
    FieldType.AMOUNT: lambda _: _amount,
    FieldType.YES_NO: lambda _: lambda value: SAID.get(value, value),
    FieldType.BOX: lambda _: lambda value: SAID.get(value, value),
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.COUNTRY: lambda _: country_in_words,
}
