"""The days of a payment (PY-01, PY-05): the last one, on which reminders count, and the one up to which the office
waits.

Two names that are never mixed (P13): `pay_by` is what the person is shown, `purge_not_before` what the office waits for
and nobody is told, so that what came by mail on the last day and is entered later still counts. Pure.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from casework.files.states import FileStatus
from casework.payments.settling import UNPAID
from foundation.calendar.closures import Closures
from foundation.calendar.days import end_of_day
from foundation.calendar.spans import business_days
from foundation.clock import montreal_instant
from quota.programmes import PaymentRules

REMINDED_AT = time(9)
"""On the day of a reminder, in Montréal."""


def purge_not_before(pay_by: date, rules: PaymentRules, closures: Closures) -> date:
    """The last day on which the office still waits for what its mailroom has not entered; deleted is only after it."""
    return business_days(pay_by, rules.grace_days, closures).last_day


def purge_at(purge_day: date) -> int:
    """The instant from which on a file may be deleted: that day is over in Montréal."""
    return end_of_day(purge_day) + 1_000


def reminder_days(pay_by: date, rules: PaymentRules) -> dict[int, int]:
    """When to remind: how many days before the last one -> instant."""
    return {
        days: montreal_instant(datetime.combine(pay_by - timedelta(days=days), REMINDED_AT))
        for days in rules.reminders
    }


def mark_of(left: int, reminders: Sequence[int]) -> int | None:
    """The reminder that is due with so many days left: of several that are late the last one alone. None before the
    first, and once the last day is over."""
    return min((mark for mark in reminders if left <= mark), default=None) if left >= 0 else None


class UnpaidStep(StrEnum):
    """What comes next for a file whose payment is awaited."""

    NOTHING = "nothing"
    """It is paid, or has ended: nothing is awaited."""
    WAIT = "wait"
    """The office still waits."""
    HELD = "held"
    """Money is under way, lies in the mailroom, or waits for a person: nothing is deleted (P15)."""
    UNTOLD = "untold"
    """Nothing that we sent in time has reached the person: nothing is deleted, and an alarm says so."""
    DELETE = "delete"
    """Its days are over, and nothing is under way."""


class UnpaidFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the end of an unpaid file hangs on, read under its lock. `balance` in cents; `has_fee` whether a
    rule says what is due at all; `posted_until` the last day for which a notice that went by post, as two people have
    recorded it, holds the deletion back."""

    status: FileStatus
    purge_day: date
    has_fee: bool
    balance: int
    card_under_way: bool
    in_the_mailroom: bool
    to_decide: bool
    was_told: bool
    posted_until: date | None = None


def next_step(of: UnpaidFile, today: date) -> UnpaidStep:
    """What comes next. The first that holds counts; a file that was paid once and lost its payment is a person's."""
    if of.status not in UNPAID or of.status is FileStatus.REVERSED or not of.has_fee:
        return UnpaidStep.NOTHING
    if today <= of.purge_day:
        return UnpaidStep.WAIT
    if of.card_under_way or of.in_the_mailroom or of.to_decide or of.balance != 0:
        return UnpaidStep.HELD
    was_told = of.was_told or (of.posted_until is not None and today > of.posted_until)
    return UnpaidStep.DELETE if was_told else UnpaidStep.UNTOLD
