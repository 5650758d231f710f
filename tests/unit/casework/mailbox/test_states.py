"""What staff read of a notice, and what may be done with a broadcast."""

import pytest

from casework.mailbox.states import (
    ALONE_UP_TO,
    BROADCAST_ACTS,
    BROADCAST_MOVES,
    BROADCAST_STATES,
    NOTICES,
    BroadcastAct,
    BroadcastState,
    NoticeStanding,
    after,
    notice_standing,
)  # fmt: skip
from foundation.mail.states import MailState


@pytest.mark.parametrize("state", MailState)
def test_every_state_of_a_mail_is_a_standing(state: MailState) -> None:
    assert notice_standing(str(state)) is not NoticeStanding.NO_ADDRESS


def test_without_a_mail_there_was_no_address() -> None:
    assert notice_standing(None) is NoticeStanding.NO_ADDRESS


def test_every_standing_has_its_words() -> None:
    assert set(NOTICES) == set(NoticeStanding)


@pytest.mark.parametrize("state", BroadcastState)
@pytest.mark.parametrize("act", BroadcastAct)
def test_what_is_over_is_never_moved(state: BroadcastState, act: BroadcastAct) -> None:
    """Nothing is sent that was not confirmed or agreed to, and what was stopped does nothing but go on."""
    moved = after(state, act, 1)
    if state in {BroadcastState.SENT, BroadcastState.DROPPED}:
        assert moved is None
    if state is BroadcastState.STOPPED:
        assert (moved is BroadcastState.SENDING) is (act is BroadcastAct.RESUME)
    elif moved is BroadcastState.SENDING:
        assert act in {BroadcastAct.CONFIRM, BroadcastAct.APPROVE}


@pytest.mark.parametrize(
    ("counted", "then"),
    [
        (1, BroadcastState.SENDING),
        (ALONE_UP_TO, BroadcastState.SENDING),
        (ALONE_UP_TO + 1, BroadcastState.AWAITING_SECOND),
    ],
)
def test_above_a_number_a_second_person_agrees(counted: int, then: BroadcastState) -> None:
    assert after(BroadcastState.DRAFT, BroadcastAct.CONFIRM, counted) is then
    assert after(BroadcastState.AWAITING_SECOND, BroadcastAct.CONFIRM, counted) is None


def test_every_state_and_act_has_its_words() -> None:
    assert set(BROADCAST_STATES) == set(BROADCAST_MOVES) == set(BroadcastState)
    assert set(BROADCAST_ACTS) == set(BroadcastAct)
