"""The calls of the desk of files as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.files import FILE_SCHEMAS, FILES


def test_each_call_and_each_answer_is_in_the_document() -> None:
    """Every answer is described."""
    assert all(call in CALLS for call in FILES)
    assert {name for call in FILES for name in call.answers.values() if name} <= set(FILE_SCHEMAS)
