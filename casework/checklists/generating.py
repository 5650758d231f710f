"""The personal list: from the frozen answers, the rules and a day, by one pure function (DC-01).

The same answers give the same list, whatever order they came in; what was hidden in the form asks for nothing.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from casework.checklists.rules import (
    ChecklistRules,
    ItemFormat,
    ItemRule,
    PersonKind,
    PersonRules,
    PostalAddress,
)
from submission.forms.conditions import ConditionState, compiled
from submission.signing.frozen import FrozenAnswers


class AskedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One document of one person. `key` names it within the file for good, such as `passport.dependant.k1`; `name` is
    the person's, as it was signed; `address` the id of where it goes."""

    key: str
    person: PersonKind
    name: str
    title: str
    help: str
    format: ItemFormat
    translation: bool
    give_back: bool
    address: str


class PersonalList(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of somebody, and by which rules: `day` is the one whose rules count, `rules` the digest of their
    file, `answers` that of what was signed."""

    programme: str
    version: str
    rules: str
    answers: str
    day: date
    items: tuple[AskedItem, ...]
    addresses: tuple[PostalAddress, ...]

    @property
    def digest(self) -> str:
        """Of the whole list: what an agent has seen is what goes out."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class _Person(NamedTuple):
    """Somebody of whom documents are asked; `prefix` and `section` are where conditions look for bare names."""

    kind: PersonKind
    member: str
    name: str
    section: str
    prefix: str

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.member}" if self.member else self.kind


def generated(rules: ChecklistRules, answers: FrozenAnswers, digest: str, day: date) -> PersonalList:
    """The list of these answers, whose digest was signed, by the rules of this day."""
    state = _state(answers, day)
    in_force = [rule for rule in rules.items if rule.is_in_force(day)]
    items = tuple(
        _asked(rule, person)
        for person in _persons(rules, state)
        for rule in in_force
        if person.kind in rule.per and _holds(rule, person, state)
    )
    wanted = sorted({item.address for item in items})
    found = [rules.address(id, day) for id in wanted]
    return PersonalList(
        programme=rules.programme, version=rules.version, rules=rules.digest, answers=digest, day=day, items=items,
        addresses=tuple(one for one in found if one is not None),
    )  # fmt: skip


def _state(answers: FrozenAnswers, day: date) -> ConditionState:
    """What conditions are asked about. Members in the order of their keys: the order of the answers decides nothing."""
    state = ConditionState(day)
    for section in answers.sections:
        for member in section.members:
            prefix = f"{section.id}.{member.key}." if member.key else f"{section.id}."
            if member.key:
                state.members.setdefault(section.id, []).append(prefix)
            for answer in member.answers:
                state.values[prefix + answer.field] = answer.value
    for prefixes in state.members.values():
        prefixes.sort()
    return state


def _persons(rules: ChecklistRules, state: ConditionState) -> Iterator[_Person]:
    """The principal, the spouse where the form told of one, each dependant; whoever does not count is left out."""
    for kind, person in rules.persons.every():
        for prefix in _prefixes(kind, person, state):
            member = prefix[len(person.section) + 1 : -1]
            name = " ".join(filter(None, (state.values.get(prefix + field, "") for field in person.name)))
            found = _Person(kind, member, name, person.section, prefix)
            if person.when is None or _true(person, found, state):
                yield found


def _prefixes(kind: PersonKind, person: PersonRules, state: ConditionState) -> list[str]:
    if kind is PersonKind.DEPENDANT:
        return state.members.get(person.section, [])
    prefix = f"{person.section}."
    is_there = kind is PersonKind.PRINCIPAL or any(path.startswith(prefix) for path in state.values)
    return [prefix] if is_there else []


def _holds(rule: ItemRule, person: _Person, state: ConditionState) -> bool:
    return rule.when is None or _true(rule, person, state)


def _true(rule: ItemRule | PersonRules, person: _Person, state: ConditionState) -> bool:
    if rule.when is None:
        return True
    state.here = person.prefix
    found = compiled(rule.when, person.section, person.kind is PersonKind.DEPENDANT)(state)
    state.here = ""
    return found


def _asked(rule: ItemRule, person: _Person) -> AskedItem:
    return AskedItem(
        key=f"{rule.id}.{person.key}", person=person.kind, name=person.name, title=rule.title, help=rule.help,
        format=rule.format, translation=rule.translation, give_back=rule.give_back, address=rule.address,
    )  # fmt: skip
