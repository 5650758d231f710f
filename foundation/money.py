"""Amounts of money, in whole cents of the Canadian dollar, and as people read and type them. Pure."""

import re
from typing import Final

CURRENCY: Final = "CAD"

_TYPED: Final = re.compile(r"([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:[.,]([0-9]{2}))?")

MOST_CENTS: Final = 10**11
"""A thousand million dollars: more is a typing mistake."""


def dollars(cents: int) -> str:
    """`1 234,56 $`, with the blanks that do not break."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", "\u00a0")
    return f"{'−' if cents < 0 else ''}{grouped},{rest:02}\u00a0$"


def typed_amount(text: str) -> int | None:
    """The cents of an amount that somebody typed: `812`, `812,00`, `1 234.56 $`. None for what is no such amount, as
    one that is negative, in another currency, or with one or three decimals: `1,234` may be either of two."""
    bare = text.replace("\u00a0", " ").replace("\u202f", " ").strip().removesuffix("$").strip()
    found = _TYPED.fullmatch(bare)
    if found is None:
        return None
    cents = int(re.sub(r"\D", "", found[1])) * 100 + int(found[2] or 0)
    return cents if cents <= MOST_CENTS else None
