"""A list as it stands: folded from what happened, with the days that count."""

from datetime import date

import pytest

from casework.checklists.items import Checklist, ChecklistItem, ItemEvent, state_of
from casework.checklists.rules import DayRules, ItemFormat, PersonKind
from casework.checklists.states import ItemAct, ItemState

_A, _S = ItemAct, ItemState

SENT = date(2016, 6, 13)


def happened(*acts: ItemAct, on_day: date = SENT) -> list[ItemEvent]:
    return [ItemEvent(id=n, act=act, at=n, on_day=on_day, actor="x") for n, act in enumerate(acts, 1)]


def item(*events: ItemEvent, give_back: bool = True, asked_on: date = SENT) -> ChecklistItem:
    return ChecklistItem(
        number=1, key="a.principal", person=PersonKind.PRINCIPAL, name="", title="A", help="", give_back=give_back,
        format=ItemFormat.ORIGINAL, asked_on=asked_on, translation=False, address="post", events=events,
    )  # fmt: skip


def listed(*items: ChecklistItem) -> Checklist:
    return Checklist(
        submission=1, programme="demo", version="1", rules="", answers="", sent_at=0, sent_on=SENT, days=DayRules(),
        addresses=[], items=items,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ((), _S.ASKED),
        ((_A.RECEIVE,), _S.RECEIVED),
        ((_A.EXPLAIN, _A.ACCEPT), _S.ACCEPTED),
        ((_A.EXPLAIN, _A.REFUSE, _A.RECEIVE), _S.RECEIVED),
        ((_A.RECEIVE, _A.REFUSE), _S.REFUSED),
        ((_A.WAIVE, _A.ASK_AGAIN), _S.ASKED),
        ((_A.RECEIVE, _A.UNDO_RECEIPT), _S.ASKED),
        ((_A.EXPLAIN, _A.RECEIVE, _A.UNDO_RECEIPT), _S.EXPLAINED),
        ((_A.WAIVE, _A.RECEIVE, _A.RECEIVE, _A.UNDO_RECEIPT), _S.WAIVED),
        ((_A.ACCEPT,), _S.ASKED),
    ],
)
def test_the_state_is_folded_and_an_undone_receipt_leaves_no_trace_in_it(
    acts: tuple[ItemAct, ...], state: ItemState
) -> None:
    assert state_of(happened(*acts)) is state


def test_ninety_days_are_counted_from_the_day_it_went_out_and_rolled_once() -> None:
    """13 June 2016 and 90 days: Sunday 11 September, so Monday the 12th (DC-02)."""
    due = listed(item()).deadline()
    assert (due.counted_to, due.last_day) == (date(2016, 9, 11), date(2016, 9, 12))


def test_what_is_asked_again_has_days_of_its_own_and_never_fewer() -> None:
    early = item(*happened(_A.RECEIVE, _A.REFUSE, on_day=date(2016, 6, 20)))
    late = item(*happened(_A.RECEIVE, _A.REFUSE, on_day=date(2016, 9, 1)))
    assert listed(early).deadline(early).last_day == date(2016, 9, 12)
    assert listed(late).deadline(late).last_day == date(2016, 10, 3)
    assert listed(early, late).deadline().last_day == date(2016, 10, 3)


def test_what_was_added_later_has_days_of_its_own() -> None:
    """The list's own day stays for the others."""
    new = item(asked_on=date(2016, 9, 1))
    assert listed(item(), new).deadline(new).last_day == date(2016, 11, 30)
    assert listed(item(), new).deadline(item()).last_day == date(2016, 9, 12)


@pytest.mark.parametrize(
    ("day", "late"), [(date(2016, 9, 12), 0), (date(2016, 9, 13), 1), (date(2016, 10, 12), 30)]
)
def test_the_day_of_reception_decides_whether_it_is_late(day: date, late: int) -> None:
    one = item(*happened(_A.RECEIVE, on_day=day))
    assert listed(one).days_late(one) == late


def test_an_original_waits_to_go_back_until_it_went() -> None:
    assert item(*happened(_A.RECEIVE)).is_to_give_back
    assert not item(*happened(_A.RECEIVE, _A.GIVE_BACK)).is_to_give_back
    assert item(*happened(_A.RECEIVE, _A.GIVE_BACK, _A.REFUSE, _A.RECEIVE)).is_to_give_back
    assert not item(*happened(_A.RECEIVE), give_back=False).is_to_give_back
    assert not item().is_to_give_back


def test_a_receipt_has_a_number_with_check_digits() -> None:
    assert happened(_A.RECEIVE)[0].receipt == "P-0000001-95"
