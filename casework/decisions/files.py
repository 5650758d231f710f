"""Files of the rules: `config/programmes/decisions/<programme>.toml`, read once, strict; every mistake is told by file,
line, key and reason."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from casework.decisions.rules import DecisionRules, OutcomeRule, RemedyRule
from casework.decisions.states import DecisionOutcome
from quota.programmes import Programme
from submission.forms.checking.faults import FormFault
from submission.forms.checking.toml_lines import KeyPath, TomlLines
from submission.forms.files import told_place

S = TypeVar("S", bound=msgspec.Struct)


class DecisionFileError(Exception):
    """A file of rules cannot be used. The message names file, line, key and reason, a line for each mistake."""


def load_decision_rules(folder: Path, programmes: Mapping[str, Programme]) -> dict[str, DecisionRules]:
    """The rules of every programme that has some, by its id. Raises DecisionFileError."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stem not in programmes:
            raise DecisionFileError(f"{path}: there is no programme {path.stem}.")
        found[path.stem] = load_rules(path)
    return found


def load_rules(path: Path) -> DecisionRules:
    """One file. Raises DecisionFileError."""
    try:
        text = path.read_text("utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise DecisionFileError(f"{path}: cannot be read as UTF-8 text ({problem}).") from problem
    except tomllib.TOMLDecodeError as problem:
        raise DecisionFileError(f"{path}: not valid TOML: {problem}.") from problem
    lines = TomlLines(text)
    read = content | {"digest": hashlib.sha256(text.encode()).hexdigest()}
    for name, type_ in (("outcomes", OutcomeRule), ("remedies", RemedyRule)):
        tables = content.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
            raise DecisionFileError(_sentence(path, lines, (name,), f"write [[{name}]] tables"))
        read[name] = tuple(
            _converted(path, lines, one, type_, (name, place)) for place, one in enumerate(tables)
        )
    rules = _converted(path, lines, read, DecisionRules, ())
    found = list(faults(rules))
    if path.stem != rules.programme:
        found.insert(0, FormFault(("programme",), f"the file is called {path.name}"))
    if found:
        raise DecisionFileError("\n".join(_sentence(path, lines, fault.at, fault.reason) for fault in found))
    return rules


def faults(rules: DecisionRules) -> Iterator[FormFault]:
    """What the types cannot say: an outcome that is missing or there twice, a remedy that is none."""
    counted = Counter(one.outcome for one in rules.outcomes)
    for outcome in DecisionOutcome:
        if counted[outcome] != 1:
            reason = f"{outcome} is missing" if not counted[outcome] else f"{outcome} is there twice"
            yield FormFault(("outcomes",), reason)
    known = {one.id for one in rules.remedies}
    for place, one in enumerate(rules.outcomes):
        for id in one.remedies:
            if id not in known:
                yield FormFault(("outcomes", place, "remedies"), f"there is no remedy {id}")
        if one.outcome in {DecisionOutcome.REFUSED, DecisionOutcome.REJECTED} and not one.remedies:
            yield FormFault(
                ("outcomes", place, "remedies"), f"{one.outcome} is told with its remedies (RX-07)"
            )
    for place, remedy in enumerate(rules.remedies):
        if any(remedy.id == other.id and remedy.meets(other) for other in rules.remedies[:place]):
            yield FormFault(("remedies", place, "id"), f"two of the id {remedy.id} are in force on one day")


def _converted(path: Path, lines: TomlLines, content: dict[str, Any], type_: type[S], at: KeyPath) -> S:
    try:
        return msgspec.convert(content, type_)
    except msgspec.ValidationError as problem:
        place, reason = told_place(str(problem))
        raise DecisionFileError(_sentence(path, lines, (*at, *place), reason)) from problem


def _sentence(path: Path, lines: TomlLines, at: KeyPath, reason: str) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    return f"{path}: line {lines.of(at)}, key {key or '(top)'}: {reason}."
