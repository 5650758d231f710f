"""Numbers and what they count, in French: « 12 345 », « 1 minute », « 10 minutes ». Pure."""

LOCALE = "fr_CA"

NBSP = "\N{NO-BREAK SPACE}"


def number(value: int) -> str:
    """`12 345` with a no-break space, as CLDR groups whole numbers in fr-CA; a thousand a second are written."""
    return f"{value:,}".replace(",", NBSP)


def is_plural(value: float) -> bool:
    """In French the plural begins at two: « 0 minute », « 1,5 minute », « 2 minutes »."""
    return abs(value) >= 2


def counted(value: int, one: str, many: str = "") -> str:
    """`1 minute`, `10 minutes`; `many` where the plural takes more than an s, or more words than one."""
    return f"{number(value)}{NBSP}{(many or f'{one}s') if is_plural(value) else one}"
