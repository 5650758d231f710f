"""Files of the rules: `config/programmes/checklists/<programme>.toml`, read once, strict, with every mistake by file,
line, key and reason."""

import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from casework.checklists.rules import (
    ChecklistRules,
    DatedRule,
    ItemRule,
    PersonKind,
    PersonRules,
    PostalAddress,
)
from quota.offices.office_addresses import OfficeAddress
from quota.programmes import Programme
from submission.forms.checking.checks import condition_faults
from submission.forms.checking.faults import FormFault
from submission.forms.checking.toml_lines import KeyPath, TomlLines
from submission.forms.files import Forms, told_place
from submission.forms.model import Form, FormSection

S = TypeVar("S", bound=msgspec.Struct)

SOME_DAY = date(2016, 6, 13)
"""A day on which an address is looked for where nothing says from when an item is asked."""


WORKED_OUT = {
    "digest": "is worked out, not written",
    "addresses": "stands in offices/offices.toml, beside the programmes",
}
"""What a file must not say itself, and why."""


class ChecklistFileError(Exception):
    """A file of rules cannot be used. The message names file, line, key and reason, a line for each mistake."""


def load_checklists(
    folder: Path, programmes: Mapping[str, Programme], forms: Forms
) -> dict[str, ChecklistRules]:
    """The rules of every programme that has some, by its id. Raises ChecklistFileError."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        programme = programmes.get(path.stem)
        if programme is None:
            raise ChecklistFileError(f"{path}: there is no programme {path.stem}.")
        name = programme.draft.form or programme.id
        versions = [form for form in forms.every() if form.name == name]
        found[path.stem] = load_checklist(path, versions, programme.offices)
    return found


def load_checklist(path: Path, forms: Sequence[Form], offices: Sequence[OfficeAddress]) -> ChecklistRules:
    """One file, for a programme whose form has these versions, and who has these offices. Raises ChecklistFileError."""
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise ChecklistFileError(f"{path}: cannot be read as UTF-8 text ({problem}).") from problem
    except tomllib.TOMLDecodeError as problem:
        raise ChecklistFileError(f"{path}: not valid TOML: {problem}.") from problem
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _RulesReader(path, TomlLines(text)).rules(content, forms, digest, addresses_of(offices))


def addresses_of(offices: Sequence[OfficeAddress]) -> tuple[PostalAddress, ...]:
    """The addresses to which a list can send people: those of the programme before those of all. Pure."""
    return tuple(
        PostalAddress(id=use, since=one.since, until=one.until, source=one.source, lines=one.lines)
        for one in sorted(offices, key=lambda one: not one.programmes)
        for use in one.uses
    )


class _RulesReader:
    """Reads one file piece by piece, as msgspec does not say in which table of several a mistake is."""

    def __init__(self, path: Path, lines: TomlLines) -> None:
        self._path, self._lines = path, lines

    def rules(
        self,
        content: dict[str, Any],
        forms: Sequence[Form],
        digest: str,
        addresses: tuple[PostalAddress, ...],
    ) -> ChecklistRules:
        for name, why in WORKED_OUT.items():
            if name in content:
                raise ChecklistFileError(self._sentence((name,), why))
        tables = content.get("items")
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            raise ChecklistFileError(self._sentence(("items",), "is missing: write [[items]] tables"))
        items = tuple(self._converted(one, ItemRule, ("items", place)) for place, one in enumerate(tables))
        read = content | {"digest": digest, "addresses": addresses, "items": items}
        rules = self._converted(read, ChecklistRules, ())
        found = [*faults(rules, forms)]
        if self._path.stem != rules.programme:
            found.insert(0, FormFault(("programme",), f"the file is called {self._path.name}"))
        if found:
            raise ChecklistFileError("\n".join(self._sentence(fault.at, fault.reason) for fault in found))
        return rules

    def _converted(self, content: dict[str, Any], type_: type[S], at: KeyPath) -> S:
        try:
            return msgspec.convert(content, type_)
        except msgspec.ValidationError as problem:
            place, reason = told_place(str(problem))
            raise ChecklistFileError(self._sentence((*at, *place), reason)) from problem

    def _sentence(self, at: KeyPath, reason: str) -> str:
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
        return f"{self._path}: line {self._lines.of(at)}, key {key or '(top)'}: {reason}."


def faults(rules: ChecklistRules, forms: Sequence[Form]) -> Iterator[FormFault]:
    """What the types cannot say of the rules: names that name nothing, rules of one name that are in force at once."""
    yield from _twice("items", rules.items)
    if list(rules.days.reminders) != sorted(set(rules.days.reminders), reverse=True):
        yield FormFault(("days", "reminders"), "write each number once, the greatest first")
    elif rules.days.reminders and rules.days.reminders[0] >= rules.days.to_send:
        yield FormFault(("days", "reminders"), "a reminder comes after the list, not before")
    yield from _newest(forms, lambda form: _persons(rules, form))
    for place, item in enumerate(rules.items):
        at: KeyPath = ("items", place)
        day = item.since or item.until or SOME_DAY
        if rules.address(item.address, day) is None:
            yield FormFault((*at, "address"), f"there is no address {item.address} on {day}")
        for kind in item.per:
            if getattr(rules.persons, kind) is None:
                yield FormFault(
                    (*at, "per"), f"[persons.{kind}] does not say where the form tells of a {kind}"
                )
            elif item.when is not None:
                yield from _newest(forms, lambda form, i=item, k=kind, a=at: _when(rules, form, i, k, a))


def _newest(forms: Sequence[Form], look: Any) -> list[FormFault]:
    """The faults that there are in every version of the form: those of the newest one."""
    found: list[list[FormFault]] = [
        list(look(form)) for form in sorted(forms, key=lambda one: int(one.version))
    ]
    return found[-1] if found and all(found) else []


def _twice(name: str, dated: Sequence[ItemRule]) -> Iterator[FormFault]:
    """Rules of one id that are in force on one day, and rules that never are."""
    before: dict[str, list[DatedRule]] = defaultdict(list)
    for place, rule in enumerate(dated):
        if rule.since and rule.until and rule.since > rule.until:
            yield FormFault((name, place, "since"), "since is after until: the rule is never in force")
        if any(rule.meets(other) for other in before[rule.id]):
            yield FormFault((name, place, "id"), f"two of the id {rule.id} are in force on one day")
        before[rule.id].append(rule)


def _persons(rules: ChecklistRules, form: Form) -> Iterator[FormFault]:
    for kind, person in rules.persons.every():
        at: KeyPath = ("persons", kind)
        section = form.section(person.section)
        if section is None:
            yield FormFault((*at, "section"), f"the form {form.name} has no section {person.section}")
            continue
        if (section.repeats is not None) != (kind is PersonKind.DEPENDANT):
            said = "must be repeated" if kind is PersonKind.DEPENDANT else "must not be repeated"
            yield FormFault((*at, "section"), f"{person.section} {said}")
        for field in person.name:
            if all(one.id != field for one in section.fields):
                yield FormFault((*at, "name"), f"{person.section} has no field {field}")
        if person.when is not None:
            yield from condition_faults(form, section, person.when, (*at, "when"))


def _when(
    rules: ChecklistRules, form: Form, item: ItemRule, kind: PersonKind, at: KeyPath
) -> Iterator[FormFault]:
    person: PersonRules = getattr(rules.persons, kind)
    section: FormSection | None = form.section(person.section)
    if item.when is not None and section is not None:
        yield from condition_faults(form, section, item.when, (*at, "when"))
