"""The calls of proclaimed days as the document has them."""

from config.openapi import CALLS
from config.openapi_calls.proclaimed_days import ANSWERS, PROCLAIMED_DAYS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    assert all(call in CALLS for call in PROCLAIMED_DAYS)
    assert {name for call in PROCLAIMED_DAYS for name in call.answers.values() if name} == set(ANSWERS)
