"""JSON schemas as `/openapi.json` has them, both ways: values that one allows, and what of a value one forbids.

Only what the document uses is understood (`KNOWN`), and a test holds it to that: a word that is not read would hold
nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

KNOWN = frozenset({
    "$ref", "type", "enum", "anyOf", "allOf", "properties", "required", "additionalProperties", "items", "prefixItems",
    "minItems", "maxItems", "pattern", "minLength", "maxLength", "minimum", "maximum", "format", "title",
    "description", "default", "examples",
})  # fmt: skip

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
    "null": type(None),
}  # fmt: skip

WILD: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, 1e308, 0.5, "", " ", "\x00", "a\x00b", "\u202eelpmaxe\u202c", "\u200f\u2066x", "\ufeff",
    "é" * 300, "x" * 20_000, "'; drop table account; --", "<script>alert(1)</script>", "../../etc/passwd", "%00",
    "{{7*7}}", "2026-02-30", "9" * 400, "١٢٣", "🜁" * 50, [], {}, [[]], [None], {"": None}, {"a": {"b": {"c": []}}},
    ["x"] * 500,
)  # fmt: skip
"""What nobody means: of every type, huge, empty, with NUL and marks that turn a text around."""

WORDS = (
    "raison valable",
    "Tremblay",
    "2026-12-01",
    "1",
    "demo",
    "essai",
    "oui",
    "H2X 1Y4",
    "anne@exemple.test",
)


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Mapping[str, Any], random: Random) -> None:
        self._named, self._random = document["components"]["schemas"], random

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference leads to."""
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rpartition("/")[2]]
        return schema

    def faults(self, schema: Mapping[str, Any], value: Any, at: str = "") -> Iterator[str]:
        """What of this value the schema forbids, with where it is."""
        schema = self.resolved(schema)
        for one in schema.get("allOf", ()):
            yield from self.faults(one, value, at)
        if "anyOf" in schema:
            ways = [list(self.faults(one, value, at)) for one in schema["anyOf"]]
            if all(ways):
                yield min(ways, key=len)[0]
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at}: {value!r} is none of {schema['enum']}"
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(_is(kind, value) for kind in kinds):
            yield f"{at}: {value!r} is no {kinds}"
        elif isinstance(value, dict):
            yield from self._object_faults(schema, value, at)
        elif isinstance(value, list):
            fixed = schema.get("prefixItems", [])
            for place, one in enumerate(value):
                inner = fixed[place] if place < len(fixed) else schema.get("items", {})
                yield from self.faults(inner or {}, one, f"{at}[{place}]")
        elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
            yield f"{at}: {value!r} is not {schema['pattern']}"

    def _object_faults(self, schema: Mapping[str, Any], value: Mapping[str, Any], at: str) -> Iterator[str]:
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}.{name} is missing"
        known = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        for name, one in value.items():
            inner = known.get(name, others)
            yield from self.faults(inner if isinstance(inner, dict) else {}, one, f"{at}.{name}")

    def invented(self, schema: Mapping[str, Any], seen: Mapping[str, Sequence[Any]], name: str = "") -> Any:
        """A value that the schema allows, mostly one that was `seen` under this name before."""
        schema, random = self.resolved(schema), self._random
        known = [one for one in seen.get(name, ()) if not any(self.faults(schema, one))]
        if known and random.random() < 0.7:
            return random.choice(known)
        for choice in ("enum", "examples"):
            if schema.get(choice) and random.random() < 0.9:
                return random.choice(schema[choice])
        if "anyOf" in schema:
            return self.invented(random.choice(schema["anyOf"]), seen, name)
        kind = schema.get("type", "object")
        kind = random.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            return self._invented_object(schema, seen)
        if kind == "array":
            fixed = [self.invented(one, seen, name) for one in schema.get("prefixItems", [])]
            many = max(schema.get("minItems", 0), random.randint(0, 3)) - len(fixed)
            return fixed + [self.invented(schema.get("items") or {}, seen, name) for _ in range(many)]
        if kind in ("integer", "number"):
            least = schema.get("minimum", 0)
            return random.choice((least, least + 1, schema.get("maximum", least + random.randint(0, 9))))
        if kind == "string":
            return self._invented_text(schema)
        return None if kind == "null" else random.random() < 0.5

    def _invented_object(
        self, schema: Mapping[str, Any], seen: Mapping[str, Sequence[Any]]
    ) -> dict[str, Any]:
        wanted = schema.get("required", [])
        return {
            name: self.invented(inner, seen, name)
            for name, inner in schema.get("properties", {}).items()
            if name in wanted or self._random.random() < 0.6
        }

    def _invented_text(self, schema: Mapping[str, Any]) -> str:
        random, most = self._random, schema.get("maxLength", 60)
        if schema.get("format") in ("date", "date-time"):
            day = f"20{random.randint(16, 35)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
            return day if schema["format"] == "date" else f"{day}T12:30:00.000Z"
        for letters in ("abcdefghij-", "0123456789"):
            for word in (*random.sample(WORDS, 4), "".join(random.choices(letters, k=random.randint(1, 24)))):
                text = str(word)[:most].ljust(schema.get("minLength", 0), "x")
                if not any(self.faults(schema, text)):
                    return text
        return "1"

    def spoiled(self, body: Any) -> Any:
        """The same body with one value of it, or all of it, nothing that anybody means."""
        wild = self._random.choice(WILD)
        if not isinstance(body, dict) or not body or self._random.random() < 0.1:
            return wild
        name = self._random.choice(list(body))
        inner = body[name]
        if isinstance(inner, dict) and inner and self._random.random() < 0.7:
            return body | {name: self.spoiled(inner)}
        return body | {name: wild}


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def words_of(schema: Any) -> set[str]:
    """Every word of JSON Schema in it that is not the name of a property. Pure."""
    if isinstance(schema, list):
        return set().union(*map(words_of, schema))
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for word, inner in schema.items():
        if word == "properties":
            found |= set().union(*map(words_of, inner.values()))
        elif word not in ("enum", "examples", "default", "const"):
            found |= words_of(inner)
    return found
