"""Countries by their two letters (ISO 3166), with the French names of CLDR."""

from functools import cache
from types import MappingProxyType

from babel import Locale

from accounts.normalisation import folded

NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})
"""Two letters that CLDR names, and where nobody lives."""


@cache
def countries() -> MappingProxyType[str, str]:
    """The French name of each country by its letters, in the order of the names."""
    names = Locale.parse("fr_CA").territories
    found = {
        code: name
        for code, name in names.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
    }
    return MappingProxyType(dict(sorted(found.items(), key=lambda one: folded(one[1]))))


@cache
def country_codes() -> frozenset[str]:
    return frozenset(countries())


@cache
def _by_name() -> dict[str, str]:
    return {folded(name): code for code, name in countries().items()}


def country_of(text: str) -> str | None:
    """The letters of a country that is given by them, or by its French name as anybody writes it."""
    letters = text.upper()
    return letters if letters in country_codes() else _by_name().get(folded(text))
