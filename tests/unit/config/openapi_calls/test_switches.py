"""The calls of switches as the document has them are the ones that are served."""

from casework.switches.states import SwitchMove
from config.openapi import CALLS
from config.openapi_calls.switches import SWITCHES
from config.openapi_schemas import PATH_SCHEMAS, SCHEMAS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    """And what staff can do is what the address takes."""
    assert all(call in CALLS for call in SWITCHES)
    assert {name for call in SWITCHES for name in call.answers.values()} <= set(SCHEMAS)
    assert set(PATH_SCHEMAS["switch_act"]["enum"]) == set(SwitchMove)
