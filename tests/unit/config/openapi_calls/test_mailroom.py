"""The calls of the mailroom as the document has them are the ones that are served."""

from config.openapi import CALLS
from config.openapi_calls.mailroom import MAIL_SCHEMAS, MAILROOM


def test_each_call_and_each_answer_is_in_the_document() -> None:
    """Every answer is described."""
    assert all(call in CALLS for call in MAILROOM)
    assert {name for call in MAILROOM for name in call.answers.values()} <= set(MAIL_SCHEMAS)
