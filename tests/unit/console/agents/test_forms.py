"""Forms of the desk that come back."""

from console.agents.forms import errors_of
from foundation.errors import Code, Refusal


def test_what_is_wrong_is_said_at_its_field() -> None:
    """Only a refusal of fields has errors by field; any other one stands above."""
    refusal = Refusal(Code.INVALID, fields=[{"name": "reason", "reason": "Donnez le motif."}])
    assert errors_of(refusal) == {"reason": "Donnez le motif."}
    assert errors_of(Refusal(Code.CHANGED_MEANWHILE)) == errors_of(None) == {}
