"""Steps and ends travel between processes as they are."""

import msgspec

from loadtests.journey.states import JourneyEnd
from loadtests.journey.steps import Outcome


def test_an_outcome_survives_the_way_to_the_master() -> None:
    """Locust's workers send it as plain values, rehearsals keep it as JSON: its kind is a member again."""
    outcome = Outcome(kind=JourneyEnd.SUBMITTED, number=7, receipt="R", rank=1)
    again = msgspec.convert(msgspec.to_builtins(outcome), Outcome)
    assert again == outcome
    assert again.kind is JourneyEnd.SUBMITTED
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=Outcome).kind is JourneyEnd.SUBMITTED
