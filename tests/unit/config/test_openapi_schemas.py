"""The answers of the contract's calls as schemas."""

from config.openapi_schemas import SCHEMAS, many, nullable, record
from foundation.errors import Code
from quota.states import Mode, PeriodState


def test_what_is_optional_is_not_required() -> None:
    """And everything else is."""
    found = record(("b",), a={"type": "string"}, b={"type": "string"})
    assert found["required"] == ["a"]
    assert set(found["properties"]) == {"a", "b"}
    assert nullable({"type": "string"}) == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert many("Period")["items"] == {"$ref": "#/components/schemas/Period"}


def test_the_public_sees_no_draft() -> None:
    """Operators see every state; everybody else all but drafts."""
    public = SCHEMAS["Period"]["properties"]["state"]["enum"]
    operators = SCHEMAS["OperatorPeriod"]["properties"]["state"]["enum"]
    assert set(operators) - set(public) == {PeriodState.DRAFT}
    assert set(operators) == set(PeriodState)
    assert set(SCHEMAS["Period"]["properties"]["mode"]["enum"]) == set(Mode)


def test_a_problem_names_every_code() -> None:
    """What a program may meet is listed."""
    assert set(SCHEMAS["Problem"]["properties"]["code"]["enum"]) == set(Code)
