"""What is unusual about a period: seldom wrong, and never without a word. All pure.

Some of it is refused, some needs a reason that goes on the record, and some is only said before a period is announced
and armed.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from foundation.calendar.days import SATURDAY, SUNDAY, changes_clock, day_of
from foundation.calendar.holidays import holiday_on
from foundation.clock import montreal
from quota.programmes import CapRules, TokenRules, WindowRules
from quota.states import BEFORE_OPENING
from quota.store import Period

NEAR_DAYS = 7
"""A holiday or a change of the clock this close to the opening is worth a word."""


class Oddity(StrEnum):
    """One thing that is unusual about a period."""

    PAST = "past"
    """It would open before now. Refused, whatever the reason."""
    SUNDAY = "sunday"
    """It opens on a Sunday."""
    SATURDAY = "saturday"
    """It opens on a Saturday. Only said."""
    HOLIDAY = "holiday"
    """It opens on a public holiday of Québec."""
    OTHER_HOUR = "other_hour"
    """It opens at another time of day than the programme does (WR-14). Only said."""
    OTHER_CAP = "other_cap"
    """Its cap is not the programme's base and margin (QU-01), nor places that were released."""
    OTHER_TOKEN = "other_token"  # noqa: S105  the name of an oddity
    """Its token lasts shorter or longer than the programme's bounds."""
    NO_PACE = "no_pace"
    """Nobody would be called."""
    NEAR_HOLIDAY = "near_holiday"
    """A public holiday is within a week of the opening. Only said."""
    NEAR_CLOCK_CHANGE = "near_clock_change"
    """The clocks in Montréal change within a week of the opening. Only said."""


REFUSED = frozenset({Oddity.PAST})
"""No reason helps."""

NEEDS_REASON = frozenset(
    {Oddity.SUNDAY, Oddity.HOLIDAY, Oddity.OTHER_CAP, Oddity.OTHER_TOKEN, Oddity.NO_PACE}
)
"""Refused without a reason (`docs/contract.md`)."""

REMARKS = frozenset({Oddity.NEAR_HOLIDAY, Oddity.NEAR_CLOCK_CHANGE})
"""About the days around the opening; like all that needs no reason they are said before an announcement and arming."""

FIELDS: dict[Oddity, str] = {
    Oddity.PAST: "opens_at",
    Oddity.SUNDAY: "opens_at",
    Oddity.SATURDAY: "opens_at",
    Oddity.HOLIDAY: "opens_at",
    Oddity.OTHER_HOUR: "opens_at",
    Oddity.OTHER_CAP: "cap",
    Oddity.OTHER_TOKEN: "token_seconds",
    Oddity.NO_PACE: "calls_per_minute",
    Oddity.NEAR_HOLIDAY: "opens_at",
    Oddity.NEAR_CLOCK_CHANGE: "opens_at",
}
"""Which field says it."""


class OpeningRules(Protocol):
    """What a programme, or the rules that were frozen of it, say of an opening."""

    @property
    def window(self) -> WindowRules: ...  # pragma: no cover - a protocol has no body
    @property
    def cap(self) -> CapRules: ...  # pragma: no cover
    @property
    def token(self) -> TokenRules: ...  # pragma: no cover


def odd(period: Period, rules: OpeningRules, now: int) -> list[Oddity]:
    """Everything unusual about a period that has not opened, in the order of the enumeration. `now` is an instant.

    Of one that has opened nothing is said any more: `odd` is for what can still be changed.
    """
    if period.state not in BEFORE_OPENING:
        return []
    opens = montreal(period.opens_at)
    day = opens.date()
    near = [day + timedelta(days=away) for away in range(-NEAR_DAYS, NEAR_DAYS + 1) if away]
    told = {
        Oddity.PAST: period.opens_at <= now,
        Oddity.SUNDAY: day.weekday() == SUNDAY,
        Oddity.SATURDAY: day.weekday() == SATURDAY,
        Oddity.HOLIDAY: holiday_on(day) is not None,
        Oddity.OTHER_HOUR: opens.time() != rules.window.opens,
        Oddity.OTHER_CAP: period.cap != rules.cap.total and not period.from_released,
        Oddity.OTHER_TOKEN: not rules.token.least_seconds <= period.token_seconds <= rules.token.most_seconds,
        Oddity.NO_PACE: period.calls_per_minute == 0,
        Oddity.NEAR_HOLIDAY: any(map(holiday_on, near)),
        Oddity.NEAR_CLOCK_CHANGE: any(map(changes_clock, [day, *near])),
    }
    return [oddity for oddity, is_so in told.items() if is_so]


def excusable(found: list[Oddity]) -> list[Oddity]:
    """Those that need a reason."""
    return [one for one in found if one in NEEDS_REASON]


def words(oddity: Oddity, period: Period, rules: OpeningRules) -> str:
    """What an operator reads of an oddity: one clause in French, without its full stop."""
    holiday = holiday_on(day_of(period.opens_at))
    window, token = rules.window, rules.token
    return {
        Oddity.PAST: "est déjà passé",
        Oddity.SUNDAY: "est un dimanche",
        Oddity.SATURDAY: "est un samedi",
        Oddity.HOLIDAY: f"est un jour férié ({holiday})",
        Oddity.OTHER_HOUR: (
            f"n’est pas à l’heure du programme ({window.opens.hour} h {window.opens:%M}, heure de Montréal)"
        ),
        Oddity.OTHER_CAP: (
            f"n’est pas la base et la marge du programme ({rules.cap.base} + {rules.cap.margin} = {rules.cap.total})"
        ),
        Oddity.OTHER_TOKEN: (
            f"sort des bornes du programme (de {token.least_seconds} à {token.most_seconds} secondes)"
        ),
        Oddity.NO_PACE: "personne ne serait appelé",
        Oddity.NEAR_HOLIDAY: f"est à {NEAR_DAYS} jours ou moins d’un jour férié",
        Oddity.NEAR_CLOCK_CHANGE: f"est à {NEAR_DAYS} jours ou moins d’un changement d’heure",
    }[oddity]


def wrong_oddities(
    period: Period, rules: OpeningRules, now: int, reason: str | None, known: list[Oddity] | None = None
) -> dict[str, str]:
    """What is refused of a period for being unusual, as field and reason (French, for the operator who typed it).

    With `reason` only what no reason helps. `known` are oddities that were given a reason before.
    """
    found = odd(period, rules, now)
    wrong: dict[str, list[str]] = {}
    for one in found:
        if one in REFUSED:
            wrong.setdefault(FIELDS[one], []).append(words(one, period, rules))
    if not reason:
        for one in excusable(found):
            if one not in (known or []):
                sentence = f"{words(one, period, rules)}; un motif (« reason ») permet de le maintenir"
                wrong.setdefault(FIELDS[one], []).append(sentence)
    return {field: "; ".join(reasons) for field, reasons in wrong.items()}
