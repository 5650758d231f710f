"""Refusals carry a code and their own fields; a store that is away is one of them."""

from foundation.errors import Code, Refusal, Unavailable


def test_a_refusal_is_a_code_with_fields() -> None:
    """Its text is the code, so that a trace of it says nothing else."""
    refusal = Refusal(Code.NO_TICKET, period="demo")
    assert (refusal.code, refusal.fields, str(refusal)) == (Code.NO_TICKET, {"period": "demo"}, "no_ticket")


def test_a_store_that_is_away_says_which_and_when_to_come_back() -> None:
    """As fields of the refusal `unavailable`."""
    away = Unavailable("sql", retry_after=5)
    assert away.code is Code.UNAVAILABLE
    assert away.fields == {"store": "sql", "retry_after": 5}


def test_a_code_is_its_text() -> None:
    """It goes into JSON, logs and metrics as it is, and reads like its name."""
    for code in Code:
        assert f"{code}" == code.value == code.name.lower()
