"""The calls about a withdrawal as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.withdrawals import WITHDRAWAL_ANSWERS, WITHDRAWALS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    assert all(call in CALLS for call in WITHDRAWALS)
    assert {name for call in WITHDRAWALS for name in call.answers.values()} == set(WITHDRAWAL_ANSWERS)
