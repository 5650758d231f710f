"""The call of the calculator as the document has it."""

from config.openapi import document
from config.openapi_calls.deadlines import ADDRESS, ANSWERS, DEADLINES


def test_the_call_has_its_answer_and_its_parameters() -> None:
    assert {name for call in DEADLINES for name in call.answers.values()} == set(ANSWERS)
    assert set(ANSWERS) <= set(document()["components"]["schemas"])
    parameters = document()["paths"][ADDRESS]["get"]["parameters"]
    assert [(one["name"], one["required"]) for one in parameters] == [
        ("start", True), ("amount", True), ("unit", False), ("calendar", False),
    ]  # fmt: skip
