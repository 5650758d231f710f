"""The days of a payment: two names that are never mixed, and what comes next for an unpaid file."""

from datetime import date, timedelta

import msgspec
import pytest

from casework.files.states import FileStatus
from casework.payments.unpaid import clock, reminders
from casework.payments.unpaid.clock import UnpaidFile, UnpaidStep, mark_of, next_step
from foundation.calendar.closures import PUBLIC_SERVICE
from foundation.calendar.days import day_of, end_of_day
from foundation.calendar.spans import calendar_days
from foundation.clock import montreal, rfc3339
from quota.programmes import PaymentRules
from server.rendering.templating import day_words

RULES, LAST = PaymentRules(), date(2016, 7, 13)

PURGE = clock.purge_not_before(LAST, RULES, PUBLIC_SERVICE)


def test_the_office_waits_five_business_days_after_the_last_one() -> None:
    """13 July 2016 is a Wednesday: the fifth business day after it is the Wednesday of the next week."""
    assert date(2016, 7, 20) == PURGE
    assert rfc3339(clock.purge_at(PURGE)) == "2016-07-21T04:00:00.000Z"
    assert clock.purge_not_before(date(2016, 12, 22), RULES, PUBLIC_SERVICE) == date(2017, 1, 6)


def test_what_the_person_reads_names_their_last_day_and_never_the_offices() -> None:
    """P13: two names, never mixed."""
    texts = [*reminders.asked(75_000, LAST)]
    for left in (14, 3, 1, 0):
        texts += reminders.reminded(75_000, LAST, left)
    said = " ".join(texts)
    assert said.count(day_words(LAST)) == 5
    assert day_words(PURGE) not in said


def test_reminders_are_sent_at_nine_on_their_days_over_a_change_of_the_hour() -> None:
    days = clock.reminder_days(date(2016, 11, 10), RULES)
    assert {left: rfc3339(at) for left, at in days.items()} == {
        14: "2016-10-27T13:00:00.000Z", 3: "2016-11-07T14:00:00.000Z", 1: "2016-11-09T14:00:00.000Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "mark"), [(20, None), (15, None), (14, 14), (4, 14), (3, 3), (2, 3), (1, 1), (0, 1), (-1, None)]
)
def test_of_several_late_reminders_the_last_one_is_sent(left: int, mark: int | None) -> None:
    assert mark_of(left, RULES.reminders) == mark


OVER = UnpaidFile(
    status=FileStatus.AWAITING_PAYMENT, purge_day=PURGE, has_fee=True, balance=0, card_under_way=False,
    in_the_mailroom=False, to_decide=False, was_told=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "today", "step"),
    [
        ({}, date(2016, 7, 21), UnpaidStep.DELETE),
        ({}, PURGE, UnpaidStep.WAIT),
        ({}, date(2016, 7, 14), UnpaidStep.WAIT),
        ({"card_under_way": True}, date(2016, 7, 21), UnpaidStep.HELD),
        ({"in_the_mailroom": True}, date(2016, 7, 21), UnpaidStep.HELD),
        ({"to_decide": True}, date(2016, 7, 21), UnpaidStep.HELD),
        ({"balance": 5}, date(2016, 7, 21), UnpaidStep.HELD),
        ({"was_told": False}, date(2016, 7, 21), UnpaidStep.UNTOLD),
        ({"was_told": False, "in_the_mailroom": True}, date(2016, 7, 21), UnpaidStep.HELD),
        ({"has_fee": False}, date(2016, 7, 21), UnpaidStep.NOTHING),
        ({"status": FileStatus.PAID}, date(2016, 7, 21), UnpaidStep.NOTHING),
        ({"status": FileStatus.REVERSED}, date(2016, 7, 21), UnpaidStep.NOTHING),
        ({"status": FileStatus.DUPLICATE}, date(2016, 7, 21), UnpaidStep.NOTHING),
    ],
)
def test_what_comes_next_for_an_unpaid_file(
    changed: dict[str, object], today: date, step: UnpaidStep
) -> None:
    assert next_step(msgspec.structs.replace(OVER, **changed), today) is step


def test_every_day_of_a_year_has_its_reminders_and_its_end_in_order() -> None:
    """Over both changes of the hour and every holiday: each on its day in Montréal, and never before the last day."""
    for first in range(366):
        submitted = date(2016, 1, 1) + timedelta(days=first)
        pay_by = calendar_days(submitted, RULES.days).last_day
        reminded = clock.reminder_days(pay_by, RULES)
        purge = clock.purge_not_before(pay_by, RULES, PUBLIC_SERVICE)
        assert [(day_of(at), montreal(at).hour) for at in reminded.values()] == [
            (pay_by - timedelta(days=left), 9) for left in RULES.reminders
        ]
        assert day_of(clock.purge_at(purge) - 1_000) == purge > pay_by
        in_order = [*reminded.values(), end_of_day(pay_by), clock.purge_at(purge)]
        assert in_order == sorted(set(in_order))
        assert all(clock.mark_of(left, RULES.reminders) == left for left in RULES.reminders)
