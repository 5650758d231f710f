"""The feed's words are those of the contract."""

import re

from tests.support.places import ROOT
from waitingroom.feed.states import FINAL, CloseCode, FrameType
from waitingroom.states import PersonState

CONTRACT = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")


def test_every_type_and_every_code_is_in_the_contract() -> None:
    """What a client may meet is written down; RFC 6455's own three go without saying."""
    for kind in FrameType:
        assert re.search(rf"`\"?{kind}\"?`", CONTRACT), kind
    for code in CloseCode:
        assert str(int(code)) in CONTRACT or code in (CloseCode.NOT_TEXT, CloseCode.TOO_MUCH_SAID), code


def test_every_state_of_a_number_has_its_frame() -> None:
    """Waiting is told as a position; entries have no socket."""
    without = {PersonState.WAITING, PersonState.ENTERED, PersonState.LATE}
    assert {str(state) for state in set(PersonState) - without} < {str(kind) for kind in FrameType}


def test_after_a_final_state_nothing_more_can_happen() -> None:
    """A lapsed number is not final: its person reads what to do next."""
    assert {str(state) for state in FINAL} == {"submitted", "left", "drained", "annulled"}
