"""A section as a page shows it for filling in: values for `templates/form_fields.html`. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from submission.forms.answers import KEY, SectionAnswers, members_of
from submission.forms.countries import country_options
from submission.forms.evaluation import Evaluation
from submission.forms.model import FieldType, Form, FormField, FormSection
from submission.forms.values import NO, YES

NO_OPTIONS: Mapping[str, str] = {}

YES_OR_NO = {YES: "Oui", NO: "Non"}

INPUT_TYPES = {FieldType.EMAIL: "email", FieldType.TELEPHONE: "tel"}

KEYBOARDS = {FieldType.NUMBER: "numeric", FieldType.YEAR: "numeric", FieldType.AMOUNT: "decimal"}


class ShownQuestion(NamedTuple):
    """One question. `path` is the name of its input and its anchor. `value` as it is stored or was typed; `parts` are
    day, month and year of a date; `chosen` what is ticked."""

    path: str
    type: str
    label: str
    help: str
    required: bool
    value: str
    error: str = ""
    options: Mapping[str, str] = NO_OPTIONS
    countries: str = ""
    """The options of a list of countries, final markup."""
    chosen: frozenset[str] = frozenset()
    parts: tuple[str, str, str] = ("", "", "")
    autocomplete: str = "off"
    input_type: str = "text"
    keyboard: str = ""
    longest: int = 200


class ShownMember(NamedTuple):
    """A member of a repeated section, or the section itself where it is not repeated (`key` is empty)."""

    key: str
    name: str
    questions: list[ShownQuestion]


class SectionHead(NamedTuple):
    """What a page says of a section around its questions. `members`: whether anybody stands in it."""

    id: str
    title: str
    help: str
    repeats: bool
    members: bool
    add: str


class ShownSection(NamedTuple):
    """One page of the form. `add` is what a further member is called, empty where there may be no further one."""

    id: str
    title: str
    help: str
    members: list[ShownMember]
    repeats: bool
    add: str
    error: str = ""

    @property
    def head(self) -> SectionHead:
        """The section without its questions."""
        return SectionHead(self.id, self.title, self.help, self.repeats, bool(self.members), self.add)

    @property
    def labels(self) -> dict[str, str]:
        """What each question is called, by its path; with its member's name where it is one's."""
        return {
            asked.path: f"{member.name}, {asked.label}" if member.name else asked.label
            for member in self.members
            for asked in member.questions
        }


def shown_section(
    form: Form, section: FormSection, found: Evaluation, answers: SectionAnswers, errors: Mapping[str, str]
) -> ShownSection:
    """A section with what stands in it, and what is wrong. Only questions that are seen are shown.

    `answers` are those of the section as they were typed last: they come back as they are, also what is wrong.
    """
    if section.repeats is None:
        prefix = f"{section.id}."
        typed = {name: value for name, value in answers.items() if isinstance(value, str)}
        members = [ShownMember("", "", list(_questions(section, prefix, typed, found, errors)))]
        return ShownSection(section.id, section.title, section.help, members, False, "")
    members = [
        ShownMember(
            key := member.get(KEY, ""),
            f"{section.repeats.name} {place}",
            list(_questions(section, f"{section.id}.{key}.", member, found, errors)),
        )
        for place, member in enumerate(members_of(answers), 1)
    ]
    add = section.repeats.name if len(members) < section.repeats.most else ""
    return ShownSection(
        section.id, section.title, section.help, members, True, add, errors.get(section.id, "")
    )


def _questions(
    section: FormSection, prefix: str, typed: Mapping[str, str], found: Evaluation, errors: Mapping[str, str]
) -> Iterator[ShownQuestion]:
    for field in section.fields:
        path = prefix + field.id
        if path in found.visible:
            yield question(field, path, typed.get(field.id, ""), path in found.required, errors.get(path, ""))


def appeared(section: FormSection, found: Evaluation, posted: Mapping[str, object]) -> list[str]:
    """The questions of a section that are missing an answer, and that were not on the page that was posted: what was
    answered there asks for them."""
    prefix = f"{section.id}."
    return [
        path
        for path in found.missing
        if path.startswith(prefix) and path not in posted and f"{path}.day" not in posted
    ]


def question(field: FormField, path: str, value: str, required: bool, error: str) -> ShownQuestion:
    """One question with what stands in it."""
    year, month, day = (
        (*value.split("-", 2), "", "", "")[:3] if field.type == FieldType.DATE else ("", "", "")
    )
    return ShownQuestion(
        path=path, type=field.type.value, label=field.label, help=field.help, required=required, value=value,
        error=error, options=options_of(field), countries=countries_of(field, value), chosen=_chosen(field, value),
        parts=(day, month, year),
        autocomplete=field.autocomplete or "off", input_type=INPUT_TYPES.get(field.type, "text"),
        keyboard=KEYBOARDS.get(field.type, ""), longest=field.most_characters,
    )  # fmt: skip


def options_of(field: FormField) -> Mapping[str, str]:
    """What can be chosen, by value."""
    if field.type == FieldType.YES_NO:
        return YES_OR_NO
    return field.options


def countries_of(field: FormField, value: str) -> str:
    """The list of countries, where one is asked for."""
    return country_options(value) if field.type == FieldType.COUNTRY else ""


def _chosen(field: FormField, value: str) -> frozenset[str]:
    return frozenset(value.split()) if field.type == FieldType.CHOICES else frozenset({value} - {""})
