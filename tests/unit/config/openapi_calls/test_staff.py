"""The calls of who has access and of the record as the document has them."""

from config.openapi import CALLS
from config.openapi_calls.staff import QUERIES, SECOND_FACTORS, STAFF, STAFF_ANSWERS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    ours = (*STAFF, *SECOND_FACTORS)
    assert all(call in CALLS for call in ours)
    assert {name for call in ours for name in call.answers.values() if name} <= set(STAFF_ANSWERS)
    assert set(QUERIES) <= {(call.method, call.path) for call in STAFF}
