"""The calls about payment by card as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.payments import PAYMENT_ANSWERS, PAYMENTS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    assert all(call in CALLS for call in PAYMENTS)
    assert {name for call in PAYMENTS for name in call.answers.values()} <= set(PAYMENT_ANSWERS)
