"""Where a planned switch stands, and what may be done with it."""

import pytest

from casework.mailbox import titles
from casework.switches.states import (
    MESSAGES,
    MOVES,
    STATES,
    TITLES,
    SwitchMove,
    SwitchName,
    SwitchState,
    check,
    state_of,
)
from foundation.errors import Code, Refusal


@pytest.mark.parametrize(
    ("on_at", "approved_at", "ended_at", "state"),
    [
        pytest.param(200, None, None, SwitchState.PLANNED, id="planned"),
        pytest.param(100, None, None, SwitchState.LAPSED, id="nobody-approved"),
        pytest.param(101, 50, None, SwitchState.SCHEDULED, id="a-moment-before"),
        pytest.param(100, 50, None, SwitchState.ON, id="at-its-instant"),
        pytest.param(200, 50, 60, SwitchState.WITHDRAWN, id="withdrawn"),
        pytest.param(200, None, 60, SwitchState.WITHDRAWN, id="never-approved"),
        pytest.param(40, None, 60, SwitchState.WITHDRAWN, id="lapsed-and-ended"),
        pytest.param(40, 30, 60, SwitchState.OFF, id="turned-off"),
    ],
)
def test_a_state_follows_from_the_row_and_the_clock(
    on_at: int, approved_at: int | None, ended_at: int | None, state: SwitchState
) -> None:
    """At the instant 100: never on without a second person, on from its instant on, off once ended."""
    assert state_of(on_at, approved_at, ended_at, 100) is state


def test_every_state_has_moves_and_french_and_every_feature_its_message() -> None:
    """And a title that fits in a subject line."""
    assert set(MOVES) == set(STATES) == set(SwitchState)
    assert set(TITLES) == set(MESSAGES) == set(SwitchName)
    for title, text in MESSAGES.values():
        assert titles.checked(title) and "Modifications" in text


def test_what_cannot_be_done_is_refused() -> None:
    """With the state it is in."""
    for state in SwitchState:
        for move in SwitchMove:
            if move in MOVES[state]:
                check(state, move)
            else:
                with pytest.raises(Refusal) as refused:
                    check(state, move)
                assert refused.value.code == Code.MOVE_NOT_ALLOWED and refused.value.fields["from"] == state
