"""What follows from the answers of a form: what is seen, what must be filled in, what is missing, what is wrong.

One pure function of form, answers and day. The order in which answers came makes no difference, and what is hidden
counts as empty everywhere: it decides nothing, is never missing, and goes into nothing that leaves the draft. What
follows from the form alone is worked out once and kept as closures: a form of sixty fields takes some tens of
microseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from accounts.normalisation import is_blank
from submission.forms.answers import KEY, MEMBERS, Answers, Member, SectionAnswers, members_of
from submission.forms.conditions import Condition, ConditionState, Test, compiled
from submission.forms.dependencies import fields_in_order, in_order
from submission.forms.model import Form, FormField, FormRule, FormSection
from submission.forms.values import Problem, problem_of

MOST_FORMS = 64
"""Whose closures are kept; an installation has a handful."""


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


def evaluate(form: Form, answers: Mapping[str, SectionAnswers], today: date) -> Evaluation:
    """What follows from these answers of a form on this day."""
    return _closures(form)(answers, today)


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
    """A field, ready to be asked."""

    id: str
    when: Test | None
    required: bool
    required_when: Test | None
    problem: Problem
    rules: tuple[tuple[FormRule, Test], ...]


Step = Callable[[ConditionState, Mapping[str, SectionAnswers]], None]
"""Decides what is seen of one node of `dependencies.py`, those that it depends on being decided."""


@lru_cache(MOST_FORMS)
def _closures(form: Form) -> Callable[[Mapping[str, SectionAnswers], date], Evaluation]:
    """The evaluation of one form."""
    questions = {
        section.id: {field.id: _question(section, field) for field in section.fields}
        for section in form.sections
    }
    steps = [_step(form, questions, node) for node in in_order(form)]
    parts = [
        (section.id, section.repeats, tuple(questions[section.id].values())) for section in form.sections
    ]

    def evaluated(answers: Mapping[str, SectionAnswers], today: date) -> Evaluation:
        state = ConditionState(today)
        for step in steps:
            step(state, answers)
        found = Evaluation({}, set(), [], {}, {})
        for id, repeats, asked in parts:
            if repeats is None:
                if id in state.shown:
                    _check(asked, f"{id}.", state, found)
            elif id in state.members:
                prefixes = state.members[id]
                found.members[id] = [prefix[len(id) + 1 : -1] for prefix in prefixes]
                if len(prefixes) < repeats.least:
                    found.missing.append(id)
                elif len(prefixes) > repeats.most:
                    found.errors[id] = f"Il y en a au plus {repeats.most}: retirez-en."
                for prefix in prefixes:
                    _check(asked, prefix, state, found)
        return found

    return evaluated


def _question(section: FormSection, field: FormField) -> _Question:
    def test_of(condition: Condition) -> Test:
        return compiled(condition, section.id, section.repeats is not None)

    return _Question(
        id=field.id,
        when=None if field.when is None else test_of(field.when),
        required=field.required and field.required_when is None,
        required_when=None if field.required_when is None else test_of(field.required_when),
        problem=problem_of(field),
        rules=tuple((rule, test_of(rule.holds)) for rule in field.rules),
    )


def _step(form: Form, questions: Mapping[str, Mapping[str, _Question]], node: str) -> Step:
    name, _, field = node.partition(".")
    section = form.section(name)
    assert section is not None
    if field:
        return _field_step(name, questions[name][field])
    when = None if section.when is None else compiled(section.when, name, False)
    if section.repeats is None:
        return _section_step(name, when)
    return _members_step(name, when, [questions[name][field] for field in fields_in_order(section)])


def _section_step(name: str, when: Test | None) -> Step:
    def step(state: ConditionState, answers: Mapping[str, SectionAnswers]) -> None:
        if when is None or when(state):
            state.shown[name] = answers.get(name) or {}

    return step


def _field_step(name: str, question: _Question) -> Step:
    id, path, when = question.id, f"{name}.{question.id}", question.when

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
    """What stands in a field; empty where nothing is seen of it."""
    return stored if isinstance(stored, str) and stored and not is_blank(stored) else ""


def _check(questions: Sequence[_Question], prefix: str, state: ConditionState, found: Evaluation) -> None:
    """What is required, missing and wrong of these fields. `prefix` is that of their section or member."""
    values, state.here = state.values, prefix
    for question in questions:
        path = prefix + question.id
        value = values.get(path)
        if value is None:
            continue
        found.visible[path] = value
        asked = question.required_when
        if question.required if asked is None else asked(state):
            found.required.add(path)
            if not value:
                found.missing.append(path)
        if value:
            error = question.problem(value, state.today) or _broken_rule(question.rules, state)
            if error:
                found.errors[path] = error


def _broken_rule(rules: Sequence[tuple[FormRule, Test]], state: ConditionState) -> str:
    """The sentence of the first rule in force that does not hold."""
    for rule, holds in rules:
        if rule.is_in_force(state.today) and not holds(state):
            return rule.error
    return ""
