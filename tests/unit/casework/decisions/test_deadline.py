"""The last days of remedies move as others do."""

from datetime import date

from casework.deadlines.open_deadlines import moves_by
from casework.decisions.deadline import REMEDIES, open_remedies
from casework.files.events import FileEvent
from casework.files.states import FileEventKind
from foundation.calendar.closures import PUBLIC_SERVICE, ProclaimedDay
from tests.support.casework.dated import dated

DECIDED = FileEvent(
    kind=FileEventKind.DECIDED,
    at=1,
    actor="a",
    on_day=date(2016, 6, 13),
    detail={"serial": 1, "remedies": {"reexamen": 90}},
)

PAID = FileEvent(kind=FileEventKind.PAID, at=1, actor="a")

REPLACED = FileEvent(
    kind=FileEventKind.DECISION_REPLACED,
    at=2,
    actor="a",
    on_day=date(2016, 8, 1),
    detail={"serial": 2, "remedies": {}},
)


def test_each_remedy_of_the_decision_in_force_has_a_last_day() -> None:
    """A decision without any, or that is replaced, has none."""
    (one,) = open_remedies(dated(events=[PAID, DECIDED]), PUBLIC_SERVICE)
    assert (one.name, one.last_day, one.told) == ("remedy:1-reexamen", date(2016, 9, 12), date(2016, 9, 12))
    assert list(open_remedies(dated(events=[PAID]), PUBLIC_SERVICE)) == []
    assert list(open_remedies(dated(events=[PAID, DECIDED, REPLACED]), PUBLIC_SERVICE)) == []


def test_it_moves_once_with_a_proclaimed_day() -> None:
    """And not again once that is recorded."""
    day = ProclaimedDay(date(2016, 9, 12), "un deuil national")
    closures = PUBLIC_SERVICE.having(day)
    ((_, one),) = moves_by((REMEDIES,), dated(events=[PAID, DECIDED]), closures, day.day)
    assert one.last_day == date(2016, 9, 13)
    moved = FileEvent(
        kind=FileEventKind.DEADLINE_MOVED,
        at=3,
        actor="service",
        on_day=one.last_day,
        detail={"deadline": one.name},
    )
    assert moves_by((REMEDIES,), dated(events=[PAID, DECIDED, moved]), closures, day.day) == []
