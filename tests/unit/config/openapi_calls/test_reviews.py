"""The calls of reviews as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.reviews import REVIEWS
from config.openapi_schemas import PATH_SCHEMAS, REVIEW_SCHEMAS
from console.reviews.desk import BY_STAFF


def test_each_call_and_each_answer_is_in_the_document() -> None:
    """And what staff can do is what the address takes."""
    assert all(call in CALLS for call in REVIEWS)
    assert {name for call in REVIEWS for name in call.answers.values()} <= set(REVIEW_SCHEMAS)
    assert set(PATH_SCHEMAS["act"]["enum"]) == set(BY_STAFF)
