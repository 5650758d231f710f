"""The states of the quota and their moves: every member has a place in its table, and nothing leads out of an end."""

from quota.states import (
    BY_OPERATORS,
    ENDED,
    MOVES,
    PUBLIC,
    TARGETS,
    TOKEN_MOVES,
    Action,
    Mode,
    PeriodState,
    Stand,
    TokenState,
)


def test_every_stand_is_a_state_or_a_flag_of_open() -> None:
    """`paused` and `suspended` are flags of an open period, or of one that ended so; all others are states."""
    flagged = {"paused", "suspended", "closed_suspended"}
    assert {str(stand) for stand in Stand} == {str(state) for state in PeriodState} | flagged


def test_every_stand_can_be_reached_and_left_until_the_end() -> None:
    """From a draft on; an ended period stays ended, and can only be taken back."""
    assert {stand for stand in Stand if stand is not Stand.DRAFT} == set(MOVES.values())
    assert {start for start, _ in MOVES} == set(Stand) - {Stand.ANNULLED}
    assert {str(state) for state in ENDED} == {"cap_reached", "closed", "annulled"}
    for stand in (Stand.CAP_REACHED, Stand.CLOSED):
        assert [action for start, action in MOVES if start is stand] == [Action.ANNUL]


def test_nothing_but_an_operator_lifts_a_suspension() -> None:
    """What leads out of it is a resumption or an annulment; an end leads from it to one that is still suspended."""
    out = {(action, to) for (start, action), to in MOVES.items() if start is Stand.SUSPENDED}
    assert out == {
        (Action.RESUME, Stand.OPEN), (Action.CLOSE, Stand.CLOSED_SUSPENDED), (Action.ANNUL, Stand.ANNULLED),
    }  # fmt: skip
    assert {action for start, action in MOVES if start is Stand.CLOSED_SUSPENDED} == {
        Action.RESUME, Action.ANNUL,
    }  # fmt: skip


def test_every_action_leads_somewhere() -> None:
    """What a refused move would have led to can be said of each."""
    assert set(TARGETS) == set(Action)
    assert set(BY_OPERATORS) < set(Action)


def test_the_public_sees_all_but_drafts() -> None:
    """A draft is its operators' alone."""
    assert set(PUBLIC) == set(PeriodState) - {PeriodState.DRAFT}


def test_only_a_live_token_moves_freely() -> None:
    """A used or given back one stays so; a lapsed one is used only by a submission that came in time."""
    assert set(TOKEN_MOVES) == set(TokenState)
    ends = {state for state, moves in TOKEN_MOVES.items() if not moves}
    assert ends == {TokenState.USED, TokenState.LEFT, TokenState.CANCELLED}
    assert TOKEN_MOVES[TokenState.LAPSED] == {TokenState.USED}


def test_a_member_is_its_text() -> None:
    """In SQL, Redis and JSON."""
    assert [f"{mode}" for mode in Mode] == ["fifo", "draw"]
