"""What follows from the answers of a form: what is seen, what must be filled in, what is missing, what is wrong.

One pure function of form, answers and day. The order in which answers came makes no difference, and what is hidden
counts as empty everywhere: it decides nothing, is never missing, and goes into nothing that leaves the draft. What
follows from the form alone is worked out once and kept as closures: a form of sixty fields takes some tens of
microseconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from accounts.normalisation import is_blank
from submission.forms.answers import KEY, MEMBERS, Answers, Member, SectionAnswers, members_of
from submission.forms.conditions import Condition, ConditionState, Test, compiled
from submission.forms.dependencies import fields_in_order, in_order, sections_behind
from submission.forms.model import (
    LONGEST_VALUE,
    FieldType,
    Form,
    FormField,
    FormRule,
    FormSection,
    MemberRules,
)
from submission.forms.values import Problem, problem_of, too_long

MOST_FORMS = 64
"""Whose closures are kept; an installation has a handful."""


MOST_AGAIN = 256
"""Sets of sections that are replaced at once: nearly always one, or all of them at the first look."""

ONLY_BOUNDED = frozenset({FieldType.TEXT, FieldType.LINES, FieldType.TELEPHONE})
"""Types of which only the length is asked."""


class Evaluation(NamedTuple):
    """What follows from answers. Paths as in `answers.py`, in the form's order.

    `visible`: each field that is seen, with its value, empty where nothing stands. `required`: those of them that must
    be filled in. `missing`: those of these that are empty; a repeated section with too few members by its id alone.
    `errors`: in French, what to do about a value. `members`: the keys of each repeated section that is seen.
    """

    visible: dict[str, str]
    required: set[str]
    missing: list[str]
    errors: dict[str, str]
    members: dict[str, list[str]]

    @property
    def is_complete(self) -> bool:
        """Whether these answers may be submitted as they are."""
        return not self.missing and not self.errors

    @property
    def to_mend(self) -> list[str]:
        """What keeps them from being submitted: what is missing, then what is wrong."""
        return self.missing + list(self.errors)


class FollowedParts:
    """What followed from each section of a form on a day, and from which answers: handed on from one save of a draft to
    the next."""

    def __init__(self) -> None:
        self.of: dict[str, SectionAnswers | None] = {}
        self.sections: dict[str, Evaluation] = {}
        """Each section's part of the whole."""


def evaluate(form: Form, answers: Mapping[str, SectionAnswers], today: date) -> Evaluation:
    """What follows from these answers of a form on this day."""
    return _closures(form).whole(answers, today)


def evaluate_parts(
    form: Form, answers: Mapping[str, SectionAnswers], today: date, known: FollowedParts
) -> list[Evaluation]:
    """The same section by section, in the form's order; `put_together` makes one of them.

    `known` is what followed before, of this form and day, and is brought up to date: a section is asked again only
    where the very answers that it rests on (`sections_behind`) were replaced. Answers are replaced, never changed.
    """
    return _closures(form).parts(answers, today, known)


def put_together(parts: Sequence[Evaluation]) -> Evaluation:
    """The whole of these."""
    found = _nothing()
    for part in parts:
        _add(found, part)
    return found


def visible_answers(form: Form, found: Evaluation) -> Answers:
    """The answers that are seen, as they go into a submission, a letter, an export."""
    nested: Answers = {}
    for section in form.sections:
        if section.repeats is None:
            if fields := _seen(section, f"{section.id}.", found):
                nested[section.id] = dict(fields)
        elif section.id in found.members:
            nested[section.id] = {
                MEMBERS: [
                    {KEY: key} | _seen(section, f"{section.id}.{key}.", found)
                    for key in found.members[section.id]
                ]
            }
    return nested


def _seen(section: FormSection, prefix: str, found: Evaluation) -> Member:
    """The fields of a section or member that are seen."""
    return {
        field.id: found.visible[path]
        for field in section.fields
        if (path := prefix + field.id) in found.visible
    }


class _Question(NamedTuple):
    """A field, ready to be asked. `path` is that of a section that is not repeated; of a typed text only `most` is
    asked, and `problem` is None."""

    id: str
    path: str
    when: Test | None
    required: bool
    required_when: Test | None
    most: int
    problem: Problem | None
    rules: tuple[tuple[FormRule, Test], ...]


Step = Callable[[ConditionState, Mapping[str, SectionAnswers]], None]
"""Decides what is seen of one node of `dependencies.py`, those that it depends on being decided."""


AskedSection = tuple[str, MemberRules | None, tuple[_Question, ...]]
"""The id of a section, how it repeats, and what it asks."""


class AskedAgain(NamedTuple):
    """What is asked again where answers of some sections were replaced, and the other sections that it rests on."""

    rests_on: tuple[str, ...]
    steps: tuple[Step, ...]
    sections: tuple[AskedSection, ...]


class FormClosures(NamedTuple):
    """The evaluation of one form: as a whole, and section by section."""

    whole: Callable[[Mapping[str, SectionAnswers], date], Evaluation]
    parts: Callable[[Mapping[str, SectionAnswers], date, FollowedParts], list[Evaluation]]


@lru_cache(MOST_FORMS)
def _closures(form: Form) -> FormClosures:
    """The evaluation of one form."""
    questions = {
        section.id: {field.id: _question(section, field) for field in section.fields}
        for section in form.sections
    }
    steps = _steps(form, questions)
    sections: list[AskedSection] = [
        (section.id, section.repeats, tuple(questions[section.id].values())) for section in form.sections
    ]

    behind = sections_behind(form)
    resting = {id: frozenset(name for name, needs in behind.items() if id in needs) for id in behind}

    def whole(answers: Mapping[str, SectionAnswers], today: date) -> Evaluation:
        state, found = ConditionState(today), _nothing()
        for _, step in steps:
            step(state, answers)
        for id, repeats, asked in sections:
            _check_section(id, repeats, asked, state, found)
        return found

    @lru_cache(MOST_AGAIN)
    def asked_again(replaced: tuple[str, ...]) -> AskedAgain:
        stale = frozenset[str]().union(*(resting[id] for id in replaced))
        return AskedAgain(
            rests_on=tuple({one for name in stale for one in behind[name]} - stale),
            steps=tuple(step for name, step in steps if name in stale),
            sections=tuple(one for one in sections if one[0] in stale),
        )

    def in_parts(
        answers: Mapping[str, SectionAnswers], today: date, known: FollowedParts
    ) -> list[Evaluation]:
        parts, state = known.sections, ConditionState(today)
        again = asked_again(replaced := tuple(_replaced(answers, known.of, behind)))
        for id in again.rests_on:
            state.values.update(parts[id].visible)
            if id in parts[id].members:
                state.members[id] = [f"{id}.{key}." for key in parts[id].members[id]]
        for step in again.steps:
            step(state, answers)
        for id, repeats, asked in again.sections:
            parts[id] = part = _nothing()
            _check_section(id, repeats, asked, state, part)
        for id in replaced:
            known.of[id] = answers.get(id)
        return [parts[id] for id, _, _ in sections]

    return FormClosures(whole, in_parts)


def _replaced(
    answers: Mapping[str, SectionAnswers], of: Mapping[str, SectionAnswers | None], sections: Iterable[str]
) -> Iterable[str]:
    """The sections whose answers are not the very ones that were asked before; all where nothing was."""
    return [id for id in sections if answers.get(id) is not of[id]] if of else sections


def _nothing() -> Evaluation:
    return Evaluation({}, set(), [], {}, {})


def _add(found: Evaluation, part: Evaluation) -> None:
    found.visible.update(part.visible)
    found.required.update(part.required)
    if part.missing:
        found.missing.extend(part.missing)
    if part.errors:
        found.errors.update(part.errors)
    if part.members:
        found.members.update(part.members)


def _check_section(
    id: str,
    repeats: MemberRules | None,
    asked: Sequence[_Question],
    state: ConditionState,
    found: Evaluation,
) -> None:
    """What follows from a section, once it is decided what is seen."""
    if repeats is None:
        if id in state.shown:
            _check(asked, "", state, found)
    elif id in state.members:
        prefixes = state.members[id]
        found.members[id] = [prefix[len(id) + 1 : -1] for prefix in prefixes]
        if len(prefixes) < repeats.least:
            found.missing.append(id)
        elif len(prefixes) > repeats.most:
            found.errors[id] = f"Il y en a au plus {repeats.most} : retirez-en."
        for prefix in prefixes:
            _check(asked, prefix, state, found)


def _question(section: FormSection, field: FormField) -> _Question:
    def test_of(condition: Condition) -> Test:
        return compiled(condition, section.id, section.repeats is not None)

    return _Question(
        id=field.id,
        path=f"{section.id}.{field.id}",
        when=None if field.when is None else test_of(field.when),
        required=field.required and field.required_when is None,
        required_when=None if field.required_when is None else test_of(field.required_when),
        most=field.most_characters if field.type in ONLY_BOUNDED else LONGEST_VALUE,
        problem=None if field.type in ONLY_BOUNDED else problem_of(field),
        rules=tuple((rule, test_of(rule.holds)) for rule in field.rules),
    )


def _steps(form: Form, questions: Mapping[str, Mapping[str, _Question]]) -> list[tuple[str, Step]]:
    """The steps in their order, each with its section; questions of one section that depend on nothing are one step."""
    steps: list[tuple[str, Step]] = []
    alike: list[_Question] = []
    for node in in_order(form):
        name, _, field = node.partition(".")
        section = form.section(name)
        assert section is not None
        question = questions[name][field] if field else None
        if alike and (
            question is None or question.when is not None or not alike[0].path.startswith(f"{name}.")
        ):
            steps.append((alike[0].path.partition(".")[0], _fields_step(alike)))
            alike = []
        if question is None:
            steps.append((name, _step(section, questions[name])))
        elif question.when is None:
            alike.append(question)
        else:
            steps.append((name, _field_step(name, question)))
    return [*steps, (alike[0].path.partition(".")[0], _fields_step(alike))] if alike else steps


def _step(section: FormSection, questions: Mapping[str, _Question]) -> Step:
    """The step of a section: of a repeated one with all that its members are asked."""
    when = None if section.when is None else compiled(section.when, section.id, False)
    if section.repeats is None:
        return _section_step(section.id, when)
    return _members_step(section.id, when, [questions[field] for field in fields_in_order(section)])


def _section_step(name: str, when: Test | None) -> Step:
    def step(state: ConditionState, answers: Mapping[str, SectionAnswers]) -> None:
        if when is None or when(state):
            state.shown[name] = answers.get(name) or {}

    return step


def _fields_step(questions: Sequence[_Question]) -> Step:
    """Questions of one section that are seen whenever it is."""
    name = questions[0].path.partition(".")[0]
    asked = [(question.id, question.path) for question in questions]

    def step(state: ConditionState, _: Mapping[str, SectionAnswers]) -> None:
        section = state.shown.get(name)
        if section is not None:
            values, stored = state.values, section.get
            for id, path in asked:
                values[path] = _value(stored(id))

    return step


def _field_step(name: str, question: _Question) -> Step:
    id, path, when = question.id, question.path, question.when

    def step(state: ConditionState, _: Mapping[str, SectionAnswers]) -> None:
        section = state.shown.get(name)
        if section is not None and (when is None or when(state)):
            state.values[path] = _value(section.get(id))

    return step


def _members_step(name: str, when: Test | None, questions: Sequence[_Question]) -> Step:
    def step(state: ConditionState, answers: Mapping[str, SectionAnswers]) -> None:
        if when is not None and not when(state):
            return
        prefixes: dict[str, None] = {}
        for place, member in enumerate(members_of(answers.get(name) or {})):
            state.here = f"{name}.{member.get(KEY) or place + 1}."
            if state.here in prefixes:  # two members of one key would be one
                continue
            prefixes[state.here] = None
            for question in questions:
                if question.when is None or question.when(state):
                    state.values[state.here + question.id] = _value(member.get(question.id))
        state.here = ""
        state.members[name] = list(prefixes)

    return step


def _value(stored: object) -> str:
    """What stands in a field; empty where nothing of it is seen."""
    if not isinstance(stored, str) or not stored:
        return ""
    return stored if "!" <= stored[0] <= "~" or not is_blank(stored) else ""


def _check(questions: Sequence[_Question], prefix: str, state: ConditionState, found: Evaluation) -> None:
    """What is required, missing and wrong of these fields. `prefix` is that of their member, if they are of one."""
    values, today, state.here = state.values, state.today, prefix
    visible, required, missing, errors, _ = found
    for id, path, _when, is_required, required_when, most, problem, rules in questions:
        if prefix:
            path = prefix + id
        value = values.get(path)
        if value is None:
            continue
        visible[path] = value
        if required_when is not None:
            is_required = required_when(state)
        if is_required:
            required.add(path)
        if not value:
            if is_required:
                missing.append(path)
            continue
        error = too_long(value, most) if len(value) > most else ""
        if problem is not None:
            error = error or problem(value, today)
        if rules:
            error = error or _broken_rule(rules, state)
        if error:
            errors[path] = error


def _broken_rule(rules: Sequence[tuple[FormRule, Test]], state: ConditionState) -> str:
    """The sentence of the first rule in force that does not hold."""
    for rule, holds in rules:
        if rule.is_in_force(state.today) and not holds(state):
            return rule.error
    return ""
