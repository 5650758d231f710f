"""Items of a list: every state and act is in the one table and has its words."""

import pytest

from casework.checklists.states import (
    ACTS,
    ACTS_DONE,
    MOVES,
    OPEN_FOR,
    SETTLED,
    STATE_TEXTS,
    STATES,
    WITH_REASON,
    ItemAct,
    ItemState,
    item_moved,
)
from casework.files.states import FileStatus
from casework.files.status import ENDS


def test_every_state_and_act_has_its_words() -> None:
    assert set(STATES) == set(STATE_TEXTS) == set(MOVES) == set(ItemState)
    assert set(ACTS) == set(ACTS_DONE) == set(OPEN_FOR) == set(ItemAct)
    assert len(set(STATES.values())) == len(STATES)
    assert all(text.endswith(".") for text in STATE_TEXTS.values())


def test_every_act_is_possible_somewhere_and_every_state_is_reached() -> None:
    """A table with a hole would make an act that nobody can ever do."""
    assert {act for moves in MOVES.values() for act in moves} == set(ItemAct)
    assert {after for moves in MOVES.values() for after in moves.values()} == set(ItemState)


@pytest.mark.parametrize("state", ItemState)
def test_what_comes_by_post_is_always_received(state: ItemState) -> None:
    """Whatever an agent had decided: a document that is here is never lost."""
    assert item_moved(state, ItemAct.RECEIVE) is ItemState.RECEIVED


def test_only_agents_acts_ask_again_and_they_need_a_reason() -> None:
    unsettling = {
        act
        for state in SETTLED
        for act, after in MOVES[state].items()
        if after not in SETTLED and act is not ItemAct.UNDO_RECEIPT
    }
    assert unsettling <= WITH_REASON


def test_an_original_goes_back_from_any_file_and_nothing_else_is_done_in_an_ended_one() -> None:
    for act, statuses in OPEN_FOR.items():
        if act is ItemAct.GIVE_BACK:
            assert statuses == set(FileStatus)
        else:
            assert not statuses & ENDS
