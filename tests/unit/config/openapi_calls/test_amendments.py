"""The calls of amendments as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.amendments import AMENDMENTS
from config.openapi_schemas import SCHEMAS


def test_each_call_and_each_answer_is_in_the_document() -> None:
    """By the names of its schemas."""
    assert all(call in CALLS for call in AMENDMENTS)
    assert {name for call in AMENDMENTS for name in call.answers.values()} <= set(SCHEMAS)
