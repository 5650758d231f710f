"""What is wrong with a body: the name of its field and the reason in French, from what msgspec says of it. Pure."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")

_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]*)`")

_EXPECTED = re.compile(r"^Expected `(?P<type>\w+)[^`]*`(?P<bound>.*)$")

KINDS = {
    "str": "un texte",
    "int": "un nombre entier",
    "float": "un nombre",
    "bool": "« true » ou « false »",
    "array": "une liste",
    "object": "un objet",
    "null": "une valeur vide",
}


_ANY_KEY = "[...]"


def told(raw: bytes, type_: type, message: str) -> tuple[str, str]:
    """The field, empty when the body itself is of the wrong type, and the reason, without the value: it may be personal
    data. `raw` is the body, `message` why it is none of this type."""
    name = _name(message)
    return _keyed(raw, type_, name, name) if _ANY_KEY in name else name, _reason(message)


def _name(message: str) -> str:
    """`device.touch_points`, from what msgspec says. Empty when the body itself is of the wrong type."""
    at = _AT.search(message)
    path = at["path"] if at else ""
    missing = _MISSING.match(message)
    return ".".join(part for part in (path, missing["name"] if missing else "") if part)


def _keyed(raw: bytes, type_: type, pattern: str, name: str) -> str:
    """The name with the key in place of each `[...]`, as msgspec says of no mapping whose value is wrong: the first key
    with which alone the same is wrong."""
    value = msgspec.json.decode(raw)
    try:
        while _ANY_KEY in name:
            head, _, rest = name.partition(_ANY_KEY)
            holder = value
            for step in re.findall(r"[^.\[\]]+", head):
                holder = holder[int(step)] if isinstance(holder, list) else holder[step]
            name = next(f"{head}.{key}{rest}" for key in _alone(holder) if _wrong(value, type_) == pattern)
    except (LookupError, ValueError, TypeError, StopIteration):
        return pattern
    return name


def _alone(holder: dict[str, Any]) -> Iterator[str]:
    """Each key of a mapping, which then has no other one."""
    for key, item in list(holder.items()):
        holder.clear()
        holder[key] = item
        yield key


def _wrong(value: Any, type_: type) -> str:
    """The name of what is wrong with this value; empty for nothing."""
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        return _name(str(error))
    return ""


def _reason(message: str) -> str:
    """The same in French, without the value: it may be personal data."""
    if _MISSING.match(message):
        return "Ce champ est obligatoire."
    expected = _EXPECTED.match(message)
    if expected is None:
        return "Cette valeur n’est pas permise."
    if "length" in expected["bound"]:
        return "Cette valeur est trop courte ou trop longue."
    if not expected["bound"].startswith(", got"):
        return "Cette valeur est hors des limites."
    return f"On attend {KINDS.get(expected['type'], 'une autre valeur')}."
