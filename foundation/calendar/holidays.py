"""The thirteen days of a year on which the public service of Québec is closed: by rule, and by a table that overrides.

A holiday that falls on a weekend is given on another day. Christmas, New Year and their morrows go to the next free
days, their eves to the Friday before; no agreement that we found says it of 24 June and 1 July, so what the rule gives
for them on a weekend is to be confirmed, each year, by a row of `years.toml`. All pure.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import msgspec

from foundation.calendar.days import SATURDAY, SUNDAY, TO_MONDAY, easter, monday_from


class Holiday(StrEnum):
    """The thirteen days on which the public service of Québec is closed, by their French names."""

    NEW_YEAR = "le jour de l’An"
    """1 January."""
    AFTER_NEW_YEAR = "le lendemain du jour de l’An"
    """2 January."""
    GOOD_FRIDAY = "le Vendredi saint"
    """Two days before Easter."""
    EASTER_MONDAY = "le lundi de Pâques"
    """The day after Easter."""
    PATRIOTS = "la Journée nationale des patriotes"
    """The Monday before 25 May."""
    NATIONAL = "la fête nationale du Québec"
    """24 June."""
    CANADA = "la fête du Canada"
    """1 July."""
    LABOUR = "la fête du Travail"
    """The first Monday of September."""
    THANKSGIVING = "l’Action de grâces"
    """The second Monday of October."""
    CHRISTMAS_EVE = "la veille de Noël"
    """24 December."""
    CHRISTMAS = "Noël"
    """25 December."""
    AFTER_CHRISTMAS = "le lendemain de Noël"
    """26 December."""
    NEW_YEARS_EVE = "la veille du jour de l’An"
    """31 December."""


class ClosedDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which offices are closed for a holiday: `day`, and `instead_of`, the day of the holiday itself where
    that is on a weekend. `to_confirm` where no published list says so yet; `source` of a row of the table."""

    day: date
    holiday: Holiday
    instead_of: date | None = None
    to_confirm: bool = False
    source: str | None = None

    @property
    def words(self) -> str:
        """In French, such as « Noël » or « Noël, jour reporté »."""
        return self.holiday if self.instead_of is None else f"{self.holiday}, jour reporté"


LATER: Final = (Holiday.NEW_YEAR, Holiday.AFTER_NEW_YEAR, Holiday.CHRISTMAS, Holiday.AFTER_CHRISTMAS)
"""On a weekend, each in this order goes to the next day that is free."""

EARLIER: Final = (Holiday.CHRISTMAS_EVE, Holiday.NEW_YEARS_EVE)
"""On a weekend, each goes to the Friday before."""

UNCONFIRMED: Final = (Holiday.NATIONAL, Holiday.CANADA)
"""On a Saturday to the Friday before, on a Sunday to the Monday after: a proposal, to be confirmed each time."""


def holidays(year: int) -> dict[date, Holiday]:
    """The thirteen holidays of a year by their own days, before anything is moved from a weekend."""
    sunday = easter(year)
    return {
        date(year, 1, 1): Holiday.NEW_YEAR,
        date(year, 1, 2): Holiday.AFTER_NEW_YEAR,
        sunday - timedelta(days=2): Holiday.GOOD_FRIDAY,
        sunday + timedelta(days=1): Holiday.EASTER_MONDAY,
        monday_from(date(year, 5, 18)): Holiday.PATRIOTS,
        date(year, 6, 24): Holiday.NATIONAL,
        date(year, 7, 1): Holiday.CANADA,
        monday_from(date(year, 9, 1)): Holiday.LABOUR,
        monday_from(date(year, 10, 8)): Holiday.THANKSGIVING,
        date(year, 12, 24): Holiday.CHRISTMAS_EVE,
        date(year, 12, 25): Holiday.CHRISTMAS,
        date(year, 12, 26): Holiday.AFTER_CHRISTMAS,
        date(year, 12, 31): Holiday.NEW_YEARS_EVE,
    }


@lru_cache(512)
def closed_days(year: int) -> Mapping[date, ClosedDay]:
    """The thirteen days of a year on which offices are closed, each a weekday, in their order (SS-01)."""
    ruled = {one.holiday: one for one in _by_rule(year)} | _overrides().get(year, {})
    return MappingProxyType({one.day: one for one in sorted(ruled.values(), key=lambda one: one.day)})


@lru_cache(512)
def _by_rule(year: int) -> list[ClosedDay]:
    own = {holiday: day for day, holiday in holidays(year).items()}
    taken = {day for day in own.values() if day.weekday() not in TO_MONDAY}
    found = []
    for holiday in Holiday:
        day = own[holiday]
        given = _given_on(holiday, day, taken)
        taken.add(given)
        moved = given != day
        found.append(
            ClosedDay(
                day=given, holiday=holiday, instead_of=day if moved else None,
                to_confirm=moved and holiday in UNCONFIRMED,
            )
        )  # fmt: skip
    return found


def _given_on(holiday: Holiday, day: date, taken: set[date]) -> date:
    """The weekday on which a holiday is given, of those that no other holiday has taken."""
    if day.weekday() not in TO_MONDAY:
        return day
    before = day - timedelta(days=day.weekday() - SATURDAY + 1)
    if holiday in EARLIER or (holiday in UNCONFIRMED and day.weekday() == SATURDAY):
        return before
    after = day + timedelta(days=TO_MONDAY[day.weekday()])
    while after in taken:
        after += timedelta(days=1)
    return after


@lru_cache(1)
def _overrides() -> dict[int, dict[Holiday, ClosedDay]]:
    """The table of years, read once: it comes with the release."""
    text = files("foundation.calendar").joinpath("years.toml").read_text(encoding="utf-8")
    found: dict[int, dict[Holiday, ClosedDay]] = {}
    for row in tomllib.loads(text)["days"]:
        year, one = read_row(row)
        found.setdefault(year, {})[one.holiday] = one
    return found


def read_row(row: Mapping[str, Any]) -> tuple[int, ClosedDay]:
    """A row of the table: the year and the day. ValueError for a row that cannot be so, with the row."""
    day, holiday = row["closed"], Holiday[row["holiday"].upper()]
    own = {name: nominal for nominal, name in holidays(day.year).items()}[holiday]
    if day.weekday() in (SATURDAY, SUNDAY) or not row["source"]:
        raise ValueError(f"years.toml: a closed day is a weekday and has a source: {dict(row)}")
    moved = None if day == own else own
    return day.year, ClosedDay(
        day=day, holiday=holiday, instead_of=moved, to_confirm=row["to_confirm"], source=row["source"]
    )


def holiday_on(day: date) -> str | None:
    """The holiday of a day in French, or None: the one that is given on it, or one of its own on a weekend."""
    given = closed_days(day.year).get(day)
    return holidays(day.year).get(day) if given is None else given.words
