"""The calls of who has access and of the record as the document has them."""

from config.openapi import CALLS
from config.openapi_calls.staff import QUERIES, STAFF, STAFF_ANSWERS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    assert all(call in CALLS for call in STAFF)
    assert {name for call in STAFF for name in call.answers.values() if name} <= set(STAFF_ANSWERS)
    assert set(QUERIES) <= {(call.method, call.path) for call in STAFF}
