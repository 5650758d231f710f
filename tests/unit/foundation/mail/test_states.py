"""What a mail server's word makes of a mail, and when it is tried again."""

import pytest

from foundation.mail import states
from foundation.mail.states import MOVES, NO_SMTPUTF8, SILENCE, MailState, ServerWord, Step

OLD = states.TRIED_FOR_MS


@pytest.mark.parametrize(
    ("word", "age", "state"),
    [
        pytest.param(ServerWord(Step.CONTENT, 250), 0, MailState.SENT, id="taken"),
        pytest.param(ServerWord(Step.CONTENT, 250), OLD, MailState.SENT, id="taken-late"),
        pytest.param(ServerWord(Step.CONTENT, 451), 0, MailState.STAGED, id="greylisted"),
        pytest.param(ServerWord(Step.CONTENT, 554), 0, MailState.REFUSED, id="content-refused"),
        pytest.param(ServerWord(Step.RECIPIENT, 550, "5.1.1"), 0, MailState.REFUSED, id="no-such-person"),
        pytest.param(ServerWord(Step.RECIPIENT, 450), OLD - 1, MailState.STAGED, id="box-busy"),
        pytest.param(ServerWord(Step.RECIPIENT, 450), OLD, MailState.SET_ASIDE, id="box-busy-for-days"),
        pytest.param(NO_SMTPUTF8, 0, MailState.REFUSED, id="accent-before-the-at"),
        pytest.param(ServerWord(Step.TALK, 535), 0, MailState.STAGED, id="our-password-is-wrong"),
        pytest.param(ServerWord(Step.TALK, 550), 0, MailState.STAGED, id="our-address-is-refused"),
        pytest.param(SILENCE, 0, MailState.STAGED, id="silence"),
        pytest.param(SILENCE, OLD, MailState.SET_ASIDE, id="silence-for-days"),
    ],
)
def test_what_becomes_of_a_mail(word: ServerWord, age: int, state: MailState) -> None:
    """What is wrong with the address or the message is final; what is wrong with us or the server is tried again."""
    assert states.state_after(word, 1_000, 1_000 + age) is state


def test_waits_grow_with_the_age_and_are_bounded() -> None:
    """A minute, then as long as it was tried, then each hour."""
    minute = states.MINUTE_MS
    waits = [states.again_at(0, age * minute) - age * minute for age in (0, 1, 5, 60, 600)]
    assert waits == [minute, minute, 5 * minute, 60 * minute, 60 * minute]


def test_what_is_settled_stays_so() -> None:
    """But a mail that was sent may come back, and one that was set aside may be tried again."""
    assert set(MOVES) == set(MailState)
    assert {state for state, to in MOVES.items() if not to} == {MailState.REFUSED}
    assert MOVES[MailState.SET_ASIDE] == {MailState.STAGED}
    assert MOVES[MailState.SENT] == {MailState.REFUSED}
