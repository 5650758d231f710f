"""On which days an office is closed: by one of the calendars, and by what was proclaimed late. Pure.

The public service has thirteen days. Two other calendars are offered because people meet them: the eight holidays of
the labour standards (at the employer's choice with Good Friday or Easter Monday) and those of the Interpretation Act,
by which a Saturday is a day as any other (I-16, art. 61 (23)).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

import msgspec

from foundation.calendar.days import SATURDAY, SUNDAY
from foundation.calendar.holidays import Holiday, closed_days, holidays


class CalendarKind(StrEnum):
    """Whose days off count."""

    PUBLIC_SERVICE = "public_service"
    """The thirteen days of the public service of Québec, and weekends: every deadline of a file."""
    LABOUR_STANDARDS_GOOD_FRIDAY = "labour_standards_good_friday"
    """The eight days of the labour standards, of an employer who gives Good Friday; and weekends."""
    LABOUR_STANDARDS_EASTER_MONDAY = "labour_standards_easter_monday"
    """The same, of an employer who gives Easter Monday."""
    INTERPRETATION_ACT = "interpretation_act"
    """I-16, art. 61 (23): ten days and Sundays; a Saturday is no holiday."""


CALENDARS: Mapping[CalendarKind, str] = {
    CalendarKind.PUBLIC_SERVICE: "Fonction publique du Québec (treize jours)",
    CalendarKind.LABOUR_STANDARDS_GOOD_FRIDAY: "Normes du travail, avec le Vendredi saint (huit jours)",
    CalendarKind.LABOUR_STANDARDS_EASTER_MONDAY: "Normes du travail, avec le lundi de Pâques (huit jours)",
    CalendarKind.INTERPRETATION_ACT: "Loi d’interprétation, article 61 (dimanches et dix jours)",
}
"""Kind of calendar -> what people read."""

_WEEKEND: Mapping[int, str] = {SATURDAY: "un samedi", SUNDAY: "un dimanche"}

_EVERY_EMPLOYER = frozenset({
    Holiday.NEW_YEAR, Holiday.PATRIOTS, Holiday.NATIONAL, Holiday.CANADA, Holiday.LABOUR, Holiday.THANKSGIVING,
    Holiday.CHRISTMAS,
})  # fmt: skip
"""Seven of the eight days of the labour standards; the eighth is the employer's choice."""

_OF_THE_ACT = (_EVERY_EMPLOYER | {Holiday.GOOD_FRIDAY, Holiday.EASTER_MONDAY}) - {Holiday.PATRIOTS}

SOVEREIGN = "l’anniversaire du Souverain"
"""The Monday before 25 May, as it is proclaimed each year."""

_CHOSEN = {
    CalendarKind.LABOUR_STANDARDS_GOOD_FRIDAY: Holiday.GOOD_FRIDAY,
    CalendarKind.LABOUR_STANDARDS_EASTER_MONDAY: Holiday.EASTER_MONDAY,
}


class ProclaimedDay(msgspec.Struct, frozen=True, order=True):
    """A day that was made a holiday by proclamation, and why, in French: « un jour de deuil national »."""

    day: date
    name: str


class Closures(msgspec.Struct, frozen=True, kw_only=True):
    """The days on which an office is closed. `proclaimed` counts where the calendar takes proclaimed days."""

    kind: CalendarKind = CalendarKind.PUBLIC_SERVICE
    proclaimed: tuple[ProclaimedDay, ...] = ()

    def why_closed(self, day: date) -> str | None:
        """Why offices are closed on a day, in French; None on a day on which they are open."""
        named = named_days(self.kind, day.year).get(day)
        if named is not None:
            return named
        if self.kind not in _CHOSEN:
            for one in self.proclaimed:
                if one.day == day:
                    return one.name
        weekend = {SUNDAY} if self.kind is CalendarKind.INTERPRETATION_ACT else {SATURDAY, SUNDAY}
        return _WEEKEND[day.weekday()] if day.weekday() in weekend else None

    def is_open(self, day: date) -> bool:
        """Whether a day is a business day."""
        return self.why_closed(day) is None

    def next_open(self, day: date) -> date:
        """The day itself, or the next business day after it."""
        while not self.is_open(day):
            day += timedelta(days=1)
        return day

    def having(self, proclaimed: ProclaimedDay) -> "Closures":
        """The same with one more proclaimed day."""
        return Closures(kind=self.kind, proclaimed=(*self.proclaimed, proclaimed))


PUBLIC_SERVICE = Closures()
"""The thirteen days, as far as no day was proclaimed."""


@lru_cache(512)
def named_days(kind: CalendarKind, year: int) -> Mapping[date, str]:
    """The holidays of a year in a calendar, by day, with their French names."""
    if kind is CalendarKind.PUBLIC_SERVICE:
        return MappingProxyType({day: one.words for day, one in closed_days(year).items()})
    taken = _OF_THE_ACT if kind is CalendarKind.INTERPRETATION_ACT else _EVERY_EMPLOYER | {_CHOSEN[kind]}
    found: dict[date, str] = {
        _canada(day) if holiday is Holiday.CANADA else day: holiday
        for day, holiday in holidays(year).items()
        if holiday in taken
    }
    if kind is CalendarKind.INTERPRETATION_ACT:
        patriots = next(day for day, holiday in holidays(year).items() if holiday is Holiday.PATRIOTS)
        found[patriots] = SOVEREIGN
    return MappingProxyType(dict(sorted(found.items())))


def _canada(day: date) -> date:
    """2 July where 1 July is a Sunday: both laws say so."""
    return day + timedelta(days=1) if day.weekday() == SUNDAY else day
