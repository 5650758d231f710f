"""Countries: two letters that are stored (ISO 3166), and their French names. Pure."""

import re
from functools import cache

from babel import Locale

from accounts import normalisation

OTHER = "ZZ"
"""None of the list: a country that is no more, or one that is called otherwise."""

_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", OTHER})
"""Codes of the list of territories that are no countries."""

_CODE = re.compile(r"[A-Z]{2}")


@cache
def names() -> dict[str, str]:
    """The French name of each country by its letters, in the order of the alphabet, the other one last."""
    territories = Locale("fr", "CA").territories
    found = {
        code: name for code, name in territories.items() if _CODE.fullmatch(code) and code not in _NO_COUNTRY
    }
    ordered = sorted(found.items(), key=lambda pair: normalisation.folded(pair[1]))
    return dict(ordered) | {OTHER: "Un autre pays, ou un pays qui n’existe plus"}


@cache
def _by_name() -> dict[str, str]:
    return {normalisation.letters(name): code for code, name in names().items()}


def code_of(text: str) -> str:
    """The letters of the country that was typed, by its letters or its French name; what is none of them stays."""
    typed = normalisation.visible(text)
    return typed.upper() if typed.upper() in names() else _by_name().get(normalisation.letters(typed), typed)


def name_of(stored: str) -> str:
    """The French name of a stored country; what is on no list is its own name."""
    return names().get(stored, stored)
