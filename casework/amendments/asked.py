"""What one kind of amendment asks of a form: the questions, what was typed into them, what follows from it. Pure.

The questions are the form's own, with its fields, errors and conditions: a dependant has the same ones as in the form.
All other answers count as they are now.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from casework.amendments import folding
from casework.amendments.folding import AmendedLine
from submission.drafts.overview import as_posted
from submission.forms.answers import KEY, MEMBERS, Answers, SectionAnswers, members_of, merged
from submission.forms.evaluation import Evaluation, evaluate, visible_answers
from submission.forms.fields import PARTS, PostedLists, is_key, read_section
from submission.forms.model import AmendmentKind, FieldType, Form, FormAmendment, FormField, FormSection
from submission.forms.shown import ShownMember, ShownSection, question, shown_section
from submission.forms.values import canonical, problem_of

ON_DAY: Final = FormField(
    id="on_day", type=FieldType.DATE, label="Jour du changement", past=True,
    help="Le jour où votre situation a changé, par exemple 14 7 2016.",
)  # fmt: skip
"""The one question that is not the form's: each amendment has a day."""

MISSING: Final = "Répondez à cette question."

NOTHING_NEW: Final = "Vos réponses sont celles de votre demande : rien n’est à modifier."


class AskedForm(NamedTuple):
    """The questions of one kind: the form with nothing but them, and what follows by itself. `member` is the section
    that gets one more member, empty where none does."""

    kind: AmendmentKind
    form: Form
    paths: frozenset[str]
    member: str
    sets: Answers


@lru_cache(256)
def asked_form(form: Form, kind: AmendmentKind) -> AskedForm | None:
    """What a kind asks of this form; None where that is nothing."""
    rules = form.amendments.get(kind, FormAmendment())
    sections = tuple(
        msgspec.structs.replace(section, fields=fields)
        for section in form.sections
        if (fields := _fields(section, rules))
    )
    if not sections:
        return None
    sets: Answers = {}
    for path, value in rules.sets.items():
        section_id, _, field = path.partition(".")
        sets.setdefault(section_id, {})[field] = value
    paths = {f"{one.id}.{field.id}" for one in sections if one.repeats is None for field in one.fields}
    member = next((one.id for one in sections if one.repeats is not None), "")
    return AskedForm(
        kind,
        msgspec.structs.replace(form, sections=sections),
        frozenset(paths | set(rules.sets)),
        member,
        sets,
    )


def _fields(section: FormSection, rules: FormAmendment) -> tuple[FormField, ...]:
    if section.id in rules.sections or section.id == rules.member_of:
        return section.fields
    return tuple(field for field in section.fields if f"{section.id}.{field.id}" in rules.fields)


class TypedAmendment(NamedTuple):
    """What was typed, and what follows. `errors` by path, the day's under `on_day`; `added` is what would be stored;
    `lines` what would read differently; `sections` the questions with what stands in them."""

    on_day: str
    errors: dict[str, str]
    added: Answers
    lines: list[AmendedLine]
    sections: list[ShownSection]

    @property
    def day(self) -> date:
        """The day of the change; of one without errors."""
        return date.fromisoformat(self.on_day)

    @property
    def labels(self) -> dict[str, str]:
        """What each question is called, by its path."""
        found = {path: label for section in self.sections for path, label in section.labels.items()}
        return found | {ON_DAY.id: ON_DAY.label}


def blank(asked: AskedForm, form: Form, now_is: Answers, key: str, today: date) -> TypedAmendment:
    """The questions before anything was typed: what stands there now, and one more member that is empty."""
    added = folding.limited(now_is, asked.paths, "", key) if not asked.member else _members(asked, key, {})
    together = folding.folded(now_is, _with_sets(asked, added))
    found = evaluate(form, together, today)
    return TypedAmendment("", {}, added, [], _shown(asked, form, found, together, key, {}))


def typed(
    asked: AskedForm, form: Form, now_is: Answers, key: str, posted: PostedLists, today: date
) -> TypedAmendment:
    """What was posted, read by the form's own fields. Everything that is wrong or missing is named; with nothing to
    name, `added` is what would be stored."""
    errors: dict[str, str] = {}
    day, fault = read_day(posted, today)
    if fault:
        errors[ON_DAY.id] = fault
    answers: Answers = {}
    for section in asked.form.sections:
        read = read_section(asked.form, section, _only(asked, section, posted, key), today)
        errors |= read.errors
        before: SectionAnswers = {} if section.repeats else now_is.get(section.id, {})
        answers[section.id] = merged(before, read.answers)
    if asked.member and not answers[asked.member].get(MEMBERS):
        answers[asked.member] = {MEMBERS: [{KEY: key}]}
    together = folding.folded(now_is, _with_sets(asked, answers))
    found = evaluate(form, together, today)
    errors |= {path: MISSING for path in found.missing if _is_asked(asked, path, key)}
    errors |= {path: why for path, why in found.errors.items() if _is_asked(asked, path, key)}
    before_it = evaluate(form, now_is, today)
    lines = folding.differences(form, before_it, found)
    if not errors and not lines:
        errors[_first(asked, found, key)] = NOTHING_NEW
    added = folding.limited(visible_answers(form, found), asked.paths, asked.member, key)
    return TypedAmendment(day, errors, added, lines, _shown(asked, form, found, together, key, errors))


def digest_of(asked: AskedForm, key: str, posted: PostedLists, today: date) -> str:
    """SHA-256 of what was typed, in canonical form, whatever the file says: the same form sent again has the same."""
    day, _ = read_day(posted, today)
    answers = {
        section.id: read_section(asked.form, section, _only(asked, section, posted, key), today).answers
        for section in asked.form.sections
    }
    said = msgspec.json.encode([asked.kind, day, answers], order="sorted")
    return hashlib.sha256(said).hexdigest()


def read_day(posted: Mapping[str, list[str]], today: date) -> tuple[str, str]:
    """The day that was typed, whole or in three fields, in canonical form; and what is wrong with it."""
    whole = (posted.get(ON_DAY.id) or [""])[-1]
    parts = [(posted.get(ON_DAY.id + part) or [""])[-1].strip() for part in PARTS]
    day = canonical(ON_DAY, whole if whole.strip() else "-".join(parts) if any(parts) else "")
    return day, problem_of(ON_DAY)(day, today) if day else MISSING


def day_question(on_day: str, error: str) -> ShownSection:
    """The question for the day, for the page."""
    asked = question(ON_DAY, ON_DAY.id, on_day, True, error)
    return ShownSection(ON_DAY.id, ON_DAY.label, "", [ShownMember("", "", [asked])], False, "")


def is_usable_key(key: str, now_is: Answers, member: str) -> bool:
    """Whether this can be the key of an amendment and of its new member: of the shape of one, and nobody's yet."""
    taken = {one.get(KEY) for one in members_of(now_is.get(member, {}))}
    return is_key(key) and len(key) >= SHORTEST_KEY and key not in taken


SHORTEST_KEY: Final = 12
"""Letters and digits of the key of a form that is sent: enough that nobody guesses one."""


def _with_sets(asked: AskedForm, answers: Answers) -> Answers:
    together = dict(answers)
    for id, section in asked.sets.items():
        together[id] = together.get(id, {}) | section
    return together


def _members(asked: AskedForm, key: str, fields: dict[str, str]) -> Answers:
    return {asked.member: {MEMBERS: [{KEY: key} | fields]}}


def _only(asked: AskedForm, section: FormSection, posted: PostedLists, key: str) -> PostedLists:
    """Of what was posted what belongs to this amendment: of the members the new one alone."""
    if section.repeats is None:
        return posted
    found = PostedLists(
        {name: texts for name, texts in posted.items() if not name.startswith(f"{section.id}.")}
    )
    prefix = f"{section.id}.{key}."
    found.update({name: texts for name, texts in posted.items() if name.startswith(prefix)})
    found[f"{section.id}.{KEY}"] = [key]
    return found


def _is_asked(asked: AskedForm, path: str, key: str) -> bool:
    return path in asked.paths or (bool(asked.member) and path.startswith(f"{asked.member}.{key}."))


def _first(asked: AskedForm, found: Evaluation, key: str) -> str:
    """The first question that is shown."""
    return next((path for path in found.visible if _is_asked(asked, path, key)), ON_DAY.id)


def _shown(
    asked: AskedForm, form: Form, found: Evaluation, answers: Answers, key: str, errors: Mapping[str, str]
) -> list[ShownSection]:
    """The questions that are seen, with what stands in them: of the members the new one alone."""
    sections = []
    for section in asked.form.sections:
        stands = answers.get(section.id, {})
        if section.repeats is not None:
            stands = {MEMBERS: [one for one in members_of(stands) if one.get(KEY) == key]}
        shown = shown_section(form, section, found, stands, errors)._replace(repeats=False, add="")
        if any(member.questions for member in shown.members):
            sections.append(shown)
    return sections


def as_sent(of: AskedForm, key: str, posted: PostedLists, today: date) -> list[ShownSection]:
    """The questions exactly as they were sent, for a form that comes back where nothing of the file can be read."""
    sections = []
    for section in of.form.sections:
        only = _only(of, section, posted, key)
        read = read_section(of.form, section, only, today)
        found = as_posted(section, only, read.answers)
        sections.append(
            shown_section(of.form, section, found, read.answers, read.errors)._replace(repeats=False, add="")
        )
    return sections
