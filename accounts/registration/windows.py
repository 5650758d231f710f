"""May accounts be made now, for this programme? Read from its windows of registration (AC-07). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from foundation.clock import montreal, montreal_instant
from foundation.errors import Code, Refusal
from quota.programmes import Programme, RegistrationWindow
from server.rendering.templating import day_words, weekday_instant

ALARM_DAYS = 14
"""How long before the latest day that was announced operators are told that no opening is set."""

IS_CLOSED = "La création de comptes est fermée. La prochaine date sera annoncée sur ce site."


class RegistrationState(StrEnum):
    """Whether accounts may be made for a programme."""

    OPEN = "open"
    """Now."""
    ANNOUNCED = "announced"
    """From a date on that is known."""
    DATE_UNKNOWN = "date_unknown"
    """At some date that is not known yet, with a latest day."""
    CLOSED = "closed"
    """Not now, and nothing is announced."""


class RegistrationStatus(msgspec.Struct, frozen=True):
    """The state, its instants, and the sentence that people are told (French)."""

    state: RegistrationState
    opens_at: int | None
    closes_at: int | None
    note: str


def status_of(windows: Sequence[RegistrationWindow], now: int) -> RegistrationStatus:
    """What stands now: an open window, otherwise the next one with a date, otherwise one with a latest day."""
    for window in windows:
        opens_at, closes_at = window.opens_at, window.closes_at
        if opens_at is not None and opens_at <= now and (closes_at is None or now < closes_at):
            return RegistrationStatus(
                RegistrationState.OPEN, opens_at, closes_at, _note(window, _open(closes_at))
            )
    for window in windows:
        opens_at = window.opens_at
        if opens_at is not None and opens_at > now:
            said = f"La création de comptes ouvrira le {weekday_instant(opens_at)} (heure de Montréal)."
            return RegistrationStatus(
                RegistrationState.ANNOUNCED, opens_at, window.closes_at, _note(window, said)
            )
    for window in windows:
        if window.not_later_than is not None and now < _end_of(window.not_later_than):
            said = (
                "La création de comptes est fermée. La date de la prochaine ouverture n’est pas encore connue : ce "
                f"sera au plus tard le {day_words(window.not_later_than)}."
            )
            return RegistrationStatus(RegistrationState.DATE_UNKNOWN, None, None, _note(window, said))
    return RegistrationStatus(RegistrationState.CLOSED, None, None, IS_CLOSED)


def expect_open(programme: Programme, now: int) -> RegistrationStatus:
    """The open window. Raises Refusal registration_closed, with what is known of the next one."""
    status = status_of(programme.registration, now)
    if status.state is not RegistrationState.OPEN:
        raise Refusal(Code.REGISTRATION_CLOSED, note=status.note, opens_at=status.opens_at)
    return status


def approaching(programmes: Iterable[Programme], now: int) -> dict[str, date]:
    """The programmes whose latest day comes near, or has passed in the last fortnight, with no opening set: operators
    are told of them (AC-07)."""
    found: dict[str, date] = {}
    fortnight = timedelta(days=ALARM_DAYS)
    today = montreal(now).date()
    for programme in programmes:
        is_set = any(
            window.opens_at is not None and _is_after(window, now) for window in programme.registration
        )
        latest = (
            window.not_later_than for window in programme.registration if window.not_later_than is not None
        )
        near = [day for day in latest if day - fortnight <= today <= day + fortnight]
        if near and not is_set:
            found[programme.id] = min(near)
    return found


def is_identity_open(programme: str | None, programmes: Mapping[str, Programme], now: int) -> bool:
    """Whether a person may still correct who they are: while the window of their account's programme is open (DU-02).

    An account that was imported belongs to no window: any open one will do.
    """
    theirs = programmes.values() if programme is None else filter(None, [programmes.get(programme)])
    return any(status_of(one.registration, now).state is RegistrationState.OPEN for one in theirs)


def _is_after(window: RegistrationWindow, now: int) -> bool:
    """Whether this window is open or to come."""
    closes_at = window.closes_at
    return closes_at is None or now < closes_at


def _open(closes_at: int | None) -> str:
    if closes_at is None:
        return "La création de comptes est ouverte."
    return f"La création de comptes est ouverte jusqu’au {weekday_instant(closes_at)} (heure de Montréal)."


def _note(window: RegistrationWindow, said: str) -> str:
    return said if window.note is None else f"{said} {window.note}"


def _end_of(day: date) -> int:
    return montreal_instant(datetime.combine(day + timedelta(days=1), time()))
