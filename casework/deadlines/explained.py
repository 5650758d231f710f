"""How a date was computed, in sentences that a person can follow (P13). Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from babel.dates import format_date

from foundation.calendar.closures import CALENDARS, CalendarKind
from foundation.calendar.holidays import closed_days
from foundation.calendar.spans import Deadline, PassedDay, SpanUnit
from server.rendering.counted import LOCALE, number
from server.rendering.templating import day_words

MOST_NAMED: Final = 6
"""So many closed days are named one by one; of more, only the holidays among them, and then how many there are."""

_WEEKEND: Final = frozenset({"un samedi", "un dimanche"})

UNIT_WORDS: Final = {
    SpanUnit.CALENDAR_DAYS: ("jour civil", "jours civils"),
    SpanUnit.BUSINESS_DAYS: ("jour ouvrable", "jours ouvrables"),
    SpanUnit.CALENDAR_MONTHS: ("mois civil", "mois civils"),
}
"""Unit -> its singular and plural."""


def long_day(day: date) -> str:
    """`lundi 13 juin 2016`."""
    return f"{format_date(day, 'EEEE', locale=LOCALE)} {day_words(day)}"


def span_words(amount: int, unit: SpanUnit) -> str:
    """`30 jours civils`."""
    one, many = UNIT_WORDS[unit]
    return f"{number(amount)} {many if amount > 1 else one}"


def steps(found: Deadline, told: date | None = None) -> list[str]:
    """The sentences, in the order of the computation. `told` is the last day that was told, where it may be later."""
    return list(_steps(found, told))


def _steps(found: Deadline, told: date | None) -> Iterator[str]:
    yield (
        f"Le délai est de {span_words(found.amount, found.unit)}. Il court à partir du {long_day(found.start)}; "
        "ce jour-là ne compte pas."
    )
    yield from _count(found)
    if found.rolled_from is not None:
        named = _named(found.moved_over)
        yield (
            f"Les bureaux sont fermés ce jour-là : {named}. Le délai va jusqu’au premier jour ouvrable qui suit, une "
            f"seule fois : le {long_day(found.last_day)}."
        )
    if told is not None and told > found.last_day:
        yield (
            f"La date qui vous a été annoncée, le {long_day(told)}, est plus tardive : c’est elle qui compte. Une date "
            "annoncée n’est jamais avancée."
        )
    if (unsure := _to_confirm(found)) is not None:
        yield unsure
    yield "Le dernier jour compte jusqu’à minuit, heure de Montréal."
    if found.closures.kind is not CalendarKind.PUBLIC_SERVICE:
        yield f"Jours fériés : {CALENDARS[found.closures.kind]}."


def _count(found: Deadline) -> Iterator[str]:
    counted = long_day(found.counted_to)
    match found.unit:
        case SpanUnit.CALENDAR_DAYS:
            if found.amount:
                yield f"En comptant tous les jours, du lundi au dimanche, le dernier est le {counted}."
        case SpanUnit.BUSINESS_DAYS:
            if found.passed:
                yield f"Ces jours ne comptent pas, car les bureaux sont fermés : {_named(found.passed)}."
            if found.amount:
                yield f"Le dernier jour ouvrable du compte est le {counted}."
        case SpanUnit.CALENDAR_MONTHS:
            if found.is_month_end:
                yield f"Ce mois-là n’a pas de {found.start.day} : son dernier jour le remplace, le {counted}."
            elif found.amount:
                yield f"La même date, autant de mois plus tard, est le {counted}."


def _named(days: Sequence[PassedDay]) -> str:
    """Closed days in words: each, or the holidays among them where there are many."""
    if len(days) > MOST_NAMED:
        holidays = [one for one in days if one.why not in _WEEKEND]
        weekend = f"{number(len(days) - len(holidays))} jours de fin de semaine"
        if not holidays:
            return weekend
        if len(holidays) > MOST_NAMED:
            return f"{weekend} et {number(len(holidays))} jours fériés"
        return f"{weekend}, et en plus {_named(holidays)}"
    parts = [f"le {day_words(one.day)} ({one.why})" for one in days]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} et {parts[-1]}"


def _to_confirm(found: Deadline) -> str | None:
    """A word where a day that was passed over is to be confirmed by a published list."""
    if found.closures.kind is not CalendarKind.PUBLIC_SERVICE:
        return None
    for one in (*found.passed, *found.moved_over):
        closed = closed_days(one.day.year).get(one.day)
        if closed is not None and closed.to_confirm:
            return (
                f"À confirmer : aucune liste publiée ne dit encore si les bureaux sont fermés le {long_day(one.day)} "
                f"pour {closed.holiday}. Si ce jour ne l’est pas, une date qui vous a été annoncée reste valable."
            )
    return None
