"""What somebody typed into the calculator, read strictly; each wrong field says why. Pure."""

import calendar
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from foundation.calendar.closures import CalendarKind
from foundation.calendar.spans import MOST, SpanUnit
from foundation.errors import Code, Refusal
from server.rendering.counted import number

FIRST_YEAR, LAST_YEAR = 2003, 2100
"""The thirteen days are those of these years; nobody says what they will be later."""

LONGEST: Final = 40
"""Characters of a field that are looked at."""

_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")

_NUMBER: Final = re.compile(r"[0-9]{1,6}")

MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the calculator."""

    start: date
    amount: int
    unit: SpanUnit
    calendar: CalendarKind


class AskedText(msgspec.Struct, frozen=True, kw_only=True):
    """The same as it was typed."""

    start: str = ""
    amount: str = ""
    unit: str = SpanUnit.CALENDAR_DAYS
    calendar: str = CalendarKind.PUBLIC_SERVICE

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "AskedText":
        """The fields of a query, whatever else is in it."""
        known = cls.__struct_fields__
        return cls(**{name: value[:LONGEST] for name, value in fields.items() if name in known})


def read(typed: AskedText) -> Asked:
    """The question. Refusal invalid, with each wrong field and why, in French."""
    wrong: dict[str, str] = {}
    start = _or_wrong(day_in(typed.start), "start", wrong)
    unit = _member(SpanUnit, typed.unit, "unit", wrong)
    kind = _member(CalendarKind, typed.calendar, "calendar", wrong)
    amount = _or_wrong(amount_in(typed.amount, unit or SpanUnit.CALENDAR_DAYS), "amount", wrong)
    if start is None or unit is None or kind is None or amount is None:
        fields = [
            {"name": name, "reason": wrong[name]} for name in AskedText.__struct_fields__ if name in wrong
        ]
        raise Refusal(Code.INVALID, fields=fields)
    return Asked(start=start, amount=amount, unit=unit, calendar=kind)


def day_in(text: str) -> date | str:
    """The day of a text such as 2026-11-30, or why it is none."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return "Entrez une date en chiffres : année, mois, jour, telle que 2026-11-30."
    year, month, day = (int(part) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return (
            f"Entrez une année de {FIRST_YEAR} à {LAST_YEAR} : on ne connaît pas les jours fériés des autres."
        )
    if not 1 <= month <= 12:
        return f"Il n’y a pas de mois {month} : entrez un mois de 1 à 12."
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        return f"Le {day} {MONTHS[month - 1]} {year} n’existe pas : ce mois a {last} jours."
    return date(year, month, day)


def amount_in(text: str, unit: SpanUnit) -> int | str:
    """The number of a text, or why it is none."""
    digits = "".join(text.split())
    if not _NUMBER.fullmatch(digits) or int(digits) > MOST[unit]:
        return f"Entrez un nombre entier, en chiffres, de 0 à {number(MOST[unit])}."
    return int(digits)


T = TypeVar("T")

E = TypeVar("E", bound=StrEnum)


def _or_wrong(found: T | str, name: str, wrong: dict[str, str]) -> T | None:
    if isinstance(found, str):
        wrong[name] = found
        return None
    return found


def _member(kind: type[E], text: str, name: str, wrong: dict[str, str]) -> E | None:
    found = next((one for one in kind if one == text), None)
    if found is None:
        wrong[name] = "Choisissez dans la liste."
    return found
