"""The calls of programmes and forms as the document has them."""

from config.openapi import document
from config.openapi_calls.programmes import ANSWERS, FORM, PROGRAMMES


def test_each_call_has_an_answer_that_the_document_knows() -> None:
    """And the version of a form is a parameter."""
    schemas = document()["components"]["schemas"]
    assert {name for call in PROGRAMMES for name in call.answers.values()} == set(ANSWERS)
    assert set(ANSWERS) <= set(schemas)
    parameters = document()["paths"][FORM]["get"]["parameters"]
    assert [one["name"] for one in parameters] == ["id", "version"]
