"""Form files: one TOML file a version, `<name>.<version>.toml`, read once, strict, frozen.

A file that is wrong is refused at start with a sentence that names the file, the line, the key and the reason; of a
file that holds no mistake of shape, all mistakes are told at once.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from quota.programmes import DraftRules, Programme
from submission.forms.checking.checks import faults
from submission.forms.checking.faults import FormFault
from submission.forms.checking.toml_lines import KeyPath, TomlLines
from submission.forms.model import Form, FormField, FormSection

S = TypeVar("S", bound=msgspec.Struct)


class FormFileError(Exception):
    """A form file cannot be used. The message names file, line, key and reason, a line for each mistake."""


class Forms:
    """The forms of an installation, by name and version, and which one a programme uses."""

    def __init__(self, forms: Iterable[Form], names: Mapping[str, str] | None = None) -> None:
        """`names` are the forms' names by programme; a programme that is not in it uses the form of its own name."""
        self._names = names or {}
        self._versions: dict[str, dict[str, Form]] = {}
        for form in forms:
            self._versions.setdefault(form.name, {})[form.version] = form

    def get(self, programme: str, version: str) -> Form:
        """One version of a programme's form. Raises LookupError."""
        return self._versions[self._name(programme)][version]

    def first(self, programme: str) -> Form:
        """The lowest version of a programme's form. Raises LookupError."""
        versions = self._versions[self._name(programme)]
        return versions[min(versions, key=int)]

    def newest(self, programme: str, today: date) -> Form:
        """The version that begins on this day. Raises LookupError where the programme has no form, or none yet."""
        begun = [one for one in self._versions[self._name(programme)].values() if one.since <= today]
        if not begun:
            raise LookupError(programme)
        return max(begun, key=lambda one: int(one.version))

    def every(self) -> list[Form]:
        """Every version of every form, by name and version."""
        return [
            versions[version]
            for _, versions in sorted(self._versions.items())
            for version in sorted(versions, key=int)
        ]

    def has(self, name: str) -> bool:
        """Whether there is a form of this name."""
        return name in self._versions

    def _name(self, programme: str) -> str:
        return self._names.get(programme, programme)


@lru_cache(64)
def narrowed(form: Form, sections: tuple[str, ...]) -> Form:
    """The form with these of its sections alone, as a programme may ask for fewer; all of them where none is named."""
    if not sections or {section.id for section in form.sections} <= set(sections):
        return form
    kept = tuple(section for section in form.sections if section.id in sections)
    return msgspec.structs.replace(form, sections=kept)


def load_forms(folder: Path, programmes: Mapping[str, Programme] | None = None) -> Forms:
    """Every form of a folder, for these programmes. Raises FormFileError."""
    forms = Forms(
        [load_form(path) for path in sorted(folder.glob("*.toml"))],
        {id: one.draft.form or id for id, one in (programmes or {}).items()},
    )
    for id, programme in (programmes or {}).items():
        rules = programme.draft
        if not forms.has(rules.form or id):
            raise FormFileError(
                f"{folder}: the programme {id} uses the form {rules.form or id}, of which no file is here."
            )
        _check_sections(id, rules, forms)
    return forms


def _check_sections(id: str, rules: DraftRules, forms: Forms) -> None:
    """Raises FormFileError for a programme that asks for sections that its form does not have."""
    for form in forms.every():
        if form.name == (rules.form or id):
            unknown = [name for name in rules.sections if form.section(name) is None]
            if unknown:
                raise FormFileError(
                    f"The programme {id} asks for the section {unknown[0]} (draft.sections), which version "
                    f"{form.version} of the form {form.name} does not have."
                )


def load_form(path: Path) -> Form:
    """Read one form file. Raises FormFileError."""
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise FormFileError(f"{path}: cannot be read as UTF-8 text ({problem}).") from problem
    except tomllib.TOMLDecodeError as problem:
        raise FormFileError(f"{path}: not valid TOML: {problem}.") from problem
    return _FormReader(path, TomlLines(text)).form(content)


class _FormReader:
    """Reads one file piece by piece, as msgspec does not say in which section or field a mistake is."""

    def __init__(self, path: Path, lines: TomlLines) -> None:
        self._path, self._lines = path, lines

    def form(self, content: dict[str, Any]) -> Form:
        sections = self._tables(content, "sections", ())
        read = tuple(self._section(one, ("sections", s)) for s, one in enumerate(sections))
        form = self._converted(content | {"sections": read}, Form, ())
        found = faults(form)
        expected = f"{form.name}.{form.version}.toml"
        if self._path.name != expected:
            reason = f"the file is called {self._path.name}; by its name and version it must be {expected}"
            found.insert(0, FormFault(("name",), reason))
        if found:
            raise FormFileError("\n".join(self._sentence(fault.at, fault.reason) for fault in found))
        return form

    def _section(self, content: dict[str, Any], at: KeyPath) -> FormSection:
        fields = self._tables(content, "fields", at)
        read = tuple(self._converted(one, FormField, (*at, "fields", f)) for f, one in enumerate(fields))
        return self._converted(content | {"fields": read}, FormSection, at)

    def _tables(self, content: dict[str, Any], name: str, at: KeyPath) -> list[dict[str, Any]]:
        """An array of tables that must be there."""
        found = content.get(name)
        if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
            raise FormFileError(self._sentence((*at, name), f"is missing: write [[{name}]] tables"))
        return found

    def _converted(self, content: dict[str, Any], type_: type[S], at: KeyPath) -> S:
        try:
            return msgspec.convert(content, type_)
        except msgspec.ValidationError as problem:
            place, reason = told_place(str(problem))
            raise FormFileError(self._sentence((*at, *place), reason)) from problem

    def _sentence(self, at: KeyPath, reason: str) -> str:
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
        return f"{self._path}: line {self._lines.of(at)}, key {key or '(top)'}: {reason}."


def told_place(problem: str) -> tuple[KeyPath, str]:
    """Where and why, of a sentence of msgspec's."""
    reason, _, place = problem.partition(" - at `")
    path = place.rstrip("`").removeprefix("$").replace("[...]", "").lstrip(".")
    at: KeyPath = tuple(path.split(".")) if path else ()
    if field := re.search(r"(unknown|missing required) field `(.+)`", reason):
        return (*at, field[2]), "is not known" if field[1] == "unknown" else "is missing"
    return at, reason.replace("`", "")
