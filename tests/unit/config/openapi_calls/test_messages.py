"""The calls of the mailbox as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.messages import BROADCASTS, MESSAGE_ANSWERS, MESSAGES
from config.openapi_schemas import PATH_SCHEMAS
from console.broadcasts.api import ACTS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    calls = MESSAGES + BROADCASTS
    assert all(call in CALLS for call in calls)
    assert set(PATH_SCHEMAS["broadcast_act"]["enum"]) == set(ACTS)
    assert {name for call in calls for name in call.answers.values()} <= set(MESSAGE_ANSWERS)
