"""What taking an application back means, for every state that its money can be in."""

import msgspec
import pytest

from casework.files.states import FileStatus
from casework.withdrawal import means
from casework.withdrawal.means import WITHDRAWABLE, WithdrawalMeans, sentences

UNPAID = WithdrawalMeans(
    status=FileStatus.AWAITING_PAYMENT, kept=0, waits=False, under_way=False, in_quota=True, originals=False
)


def with_(**values: object) -> WithdrawalMeans:
    return msgspec.structs.replace(UNPAID, **values)


@pytest.mark.parametrize(
    ("of", "said", "unsaid"),
    [
        (UNPAID, [means.NOTHING_PAID, means.PLACE, means.FOR_GOOD], [means.UNDER_WAY, means.WAITS]),
        (with_(kept=82_200), ["822,00"], [means.NOTHING_PAID]),
        (with_(waits=True), [means.WAITS], []),
        (with_(under_way=True), [means.UNDER_WAY], []),
        (with_(in_quota=False), [means.DEADLINES], [means.PLACE]),
        (with_(originals=True), [means.ORIGINALS], []),
    ],
)
def test_each_state_is_said(of: WithdrawalMeans, said: list[str], unsaid: list[str]) -> None:
    text = " ".join(sentences(of))
    assert all(one in text for one in said) and not any(one in text for one in unsaid)


def test_a_change_of_anything_is_another_thing_to_have_seen() -> None:
    others = [with_(kept=1), with_(waits=True), with_(under_way=True), with_(status=FileStatus.PAID)]
    assert len({one.seen for one in [UNPAID, *others]}) == 5


def test_it_is_possible_before_the_decision_and_before_an_end() -> None:
    closed = set(FileStatus) - WITHDRAWABLE
    assert FileStatus.DECIDED in closed and FileStatus.UNPAID_DELETED in closed
    assert len(WITHDRAWABLE) == 6
