"""The deadline of the payment."""

from datetime import date

import pytest

from casework.deadlines.payment import payment
from casework.files.events import FileEvent
from casework.files.states import FileEventKind
from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay
from tests.support.casework.dated import LAST_DAY, MONDAY, dated


def test_it_is_counted_from_the_submission() -> None:
    (one,) = payment(dated(), PUBLIC_SERVICE)
    assert (one.found.start, one.found.amount, one.last_day) == (MONDAY, 30, LAST_DAY)


@pytest.mark.parametrize("kind", [FileEventKind.PAID, FileEventKind.UNPAID_DELETED, FileEventKind.WITHDRAWN])
def test_it_is_open_while_the_payment_is_awaited(kind: FileEventKind) -> None:
    """Paid, deleted or taken back, there is none."""
    assert list(payment(dated(events=[FileEvent(kind=kind, at=1, actor="a")]), PUBLIC_SERVICE)) == []


def test_a_day_that_was_told_later_stands() -> None:
    """Whatever counting gives now."""
    (one,) = payment(dated(told=date(2016, 7, 20)), PUBLIC_SERVICE)
    assert (one.found.last_day, one.last_day) == (LAST_DAY, date(2016, 7, 20))


def test_without_known_rules_it_ends_as_it_was_told() -> None:
    """And gives way to a proclaimed day all the same."""
    of = dated(pay_days=None)
    (one,) = payment(of, PUBLIC_SERVICE)
    assert one.last_day == LAST_DAY
    (moved,) = payment(of, PUBLIC_SERVICE.having(ProclaimedDay(LAST_DAY, "un deuil")))
    assert moved.last_day == date(2016, 7, 14)
