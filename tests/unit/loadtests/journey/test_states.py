"""The client's own enumerations are the service's: the load tests import none of ours, and must not drift."""

import re

from evidence.promises import Promise
from foundation.errors import Code
from loadtests.journey.promises import ORDER
from loadtests.journey.states import LIVE, FeedEvent, JourneyEnd, PlaceState, Pledge, RefusalCode
from quota.states import TokenState
from tests.support.places import ROOT

CONTRACT = (ROOT / "docs" / "contract.md").read_text("utf-8")


def test_the_codes_are_the_services() -> None:
    """Each code of a refusal, and none more: a new one would be taken for a broken promise."""
    assert {code.value for code in RefusalCode} == {code.value for code in Code}


def test_the_events_of_the_feed_are_the_contracts() -> None:
    """Each `type` of a frame that the contract names."""
    (row,) = re.findall(r"each the `me` object with `type`: ([^.]*)\.", CONTRACT)
    assert {event.value for event in FeedEvent} == set(re.findall(r"`(\w+)`", row))


def test_the_states_of_a_place_are_the_services() -> None:
    """What became of a token is told under its own name; the contract names every state."""
    ended = {state.value for state in TokenState} - {TokenState.LIVE, TokenState.USED, TokenState.CANCELLED}
    assert ended <= {state.value for state in PlaceState}
    assert [
        state.value
        for state in PlaceState
        if f"`{state.value}`" not in CONTRACT and f'"{state.value}"' not in CONTRACT
    ] == []


def test_a_pledge_is_a_promise_or_a_rule() -> None:
    """Its name is the one that the project speaks of."""
    assert {pledge.value for pledge in Pledge} - {promise.value for promise in Promise} == {
        "contract",
        "DV-02",
    }


def test_every_state_of_the_line_has_its_place_in_the_order() -> None:
    """All but those of an entry, which come before it."""
    assert set(ORDER) == set(PlaceState) - {PlaceState.ENTERED, PlaceState.LATE}
    assert {ORDER[state] for state in LIVE} == {1, 2}


def test_a_place_that_is_over_ends_a_journey_by_its_name() -> None:
    """`submitted`, `lapsed` and `left` are ends under the same name."""
    for state in (PlaceState.SUBMITTED, PlaceState.LAPSED, PlaceState.LEFT):
        assert JourneyEnd(state.value)
