"""The rules of decisions as values."""

from casework.decisions.states import DecisionOutcome
from tests.support.casework.lists import DECISIONS


def test_each_outcome_has_its_rule() -> None:
    rules = DECISIONS.rules["demo"]
    assert [rules.of(outcome).outcome for outcome in DecisionOutcome] == list(DecisionOutcome)
    assert (
        rules.of(DecisionOutcome.REFUSED).second_person
        and not rules.of(DecisionOutcome.ACCEPTED).second_person
    )
