"""The calls of the mailbox as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.messages import MESSAGE_ANSWERS, MESSAGES


def test_each_call_and_each_answer_is_in_the_document() -> None:
    assert all(call in CALLS for call in MESSAGES)
    assert {name for call in MESSAGES for name in call.answers.values()} <= set(MESSAGE_ANSWERS)
