"""A submission as it is now: what was frozen, with its amendments in their order. Pure.

Nothing is changed in place: the frozen answers stay as they were signed, and so does every amendment. What a later
answer hides counts as empty, as everywhere in forms.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from submission.forms.answers import KEY, MEMBERS, Answers, Member, SectionAnswers, members_of, text_in
from submission.forms.evaluation import Evaluation, evaluate, visible_answers
from submission.forms.model import Form
from submission.forms.wording import read_aloud
from submission.signing.frozen import FrozenAnswers


class AmendedLine(msgspec.Struct, frozen=True):
    """One question that reads differently: its path, what it is called, and how it read before and after, in words;
    empty where nothing stood or stands."""

    path: str
    label: str
    before: str
    after: str


def answers_of(frozen: FrozenAnswers, form: Form) -> Answers:
    """The answers that were signed, as a form takes them."""
    found: Answers = {}
    for section in frozen.sections:
        known = form.section(section.id)
        if known is not None and known.repeats is not None:
            found[section.id] = {
                MEMBERS: [
                    {KEY: one.key} | {answer.field: answer.value for answer in one.answers}
                    for one in section.members
                ]
            }
        else:
            found[section.id] = {
                answer.field: answer.value for member in section.members for answer in member.answers
            }
    return found


def folded(base: Answers, added: Answers) -> Answers:
    """Answers with one amendment: its fields in place of those before, its members behind those that are there."""
    together = dict(base)
    for id, section in added.items():
        before = together.get(id, {})
        if MEMBERS in section:
            keys = {member.get(KEY) for member in members_of(before)}
            new = [one for one in members_of(section) if one.get(KEY) not in keys]
            together[id] = {MEMBERS: [*members_of(before), *new]}
        else:
            together[id] = before | section
    return together


def current(form: Form, base: Answers, added: Iterable[Answers], today: date) -> Answers:
    """What is seen of a submission now: folded one after the other, so that what one of them hid stays away."""
    seen = visible_answers(form, evaluate(form, base, today))
    for one in added:
        seen = visible_answers(form, evaluate(form, folded(seen, one), today))
    return seen


def differences(form: Form, before: Evaluation, after: Evaluation) -> list[AmendedLine]:
    """Every question that reads differently, in the form's order, members by their names."""
    old, new = _read(form, before), _read(form, after)
    return [
        AmendedLine(path, label, old[path][1] if path in old else "", new[path][1] if path in new else "")
        for path, (label, _) in _together(old, new)
        if (old[path][1] if path in old else "") != (new[path][1] if path in new else "")
    ]


def _read(form: Form, found: Evaluation) -> dict[str, tuple[str, str]]:
    """Path -> what it is called and how it reads."""
    return {
        line.path: (", ".join(filter(None, (section.title, group.name, line.label))), line.words)
        for section in read_aloud(form, found)
        for group in section.groups
        for line in group.lines
    }


def _together(
    old: Mapping[str, tuple[str, str]], new: Mapping[str, tuple[str, str]]
) -> Iterable[tuple[str, tuple[str, str]]]:
    """The questions of both, in the order of the new; those that are gone behind them."""
    return (dict(new) | {path: one for path, one in old.items() if path not in new}).items()


def limited(answers: Mapping[str, SectionAnswers], paths: frozenset[str], member: str, key: str) -> Answers:
    """Of these answers only the fields at these paths, and of the section `member` only the member of this key."""
    found: Answers = {}
    for path in sorted(paths):
        section, _, field = path.partition(".")
        found.setdefault(section, {})[field] = text_in(answers.get(section, {}), field)
    if member:
        theirs: list[Member] = [one for one in members_of(answers.get(member, {})) if one.get(KEY) == key]
        found[member] = {MEMBERS: theirs}
    return found
