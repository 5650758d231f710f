"""Countries by their two letters (ISO 3166), with the French names of CLDR."""

from functools import cache, lru_cache
from types import MappingProxyType

from babel import Locale
from markupsafe import Markup, escape

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
def _plain_options() -> str:
    return "\n".join(f'<option value="{code}">{escape(name)}</option>' for code, name in countries().items())


@lru_cache(512)
def _options(chosen: str) -> Markup:
    plain = _plain_options()
    if chosen:
        plain = plain.replace(f'value="{chosen}"', f'value="{chosen}" selected', 1)
    return Markup(plain)  # noqa: S704 - two letters


def country_options(value: str) -> Markup:
    """The options of a list of countries, with the one that is chosen: the same few hundred for everybody, so made
    once. What is no country is an option of its own, as it was typed."""
    if value in country_codes():
        return _options(value)
    if not value:
        return _options("")
    return Markup("<option selected>{}</option>\n{}").format(value, _options(""))


@cache
def _by_name() -> dict[str, str]:
    return {folded(name): code for code, name in countries().items()}


def country_of(text: str) -> str | None:
    """The letters of a country that is given by them, or by its French name as anybody writes it."""
    letters = text.upper()
    return letters if letters in country_codes() else _by_name().get(folded(text))
