"""Single requests: by whom they are sent, and how they stand beside an empty handler."""

import pytest

from loadtests.bench.arrival.plan import ArrivalPlan
from loadtests.bench.arrival.section import BARS
from loadtests.bench.arrival.single_requests import RequestRates, of_the_room, ticket_of

PEOPLE = [b"visitor=v%d; ticket-demo=t%d" % (number, number) for number in range(3)]


def test_everybody_is_a_person_of_their_own() -> None:
    """Newcomers show nothing, those in line their cookies, a Bearer the ticket alone."""
    asked = {one.what: one.heads for one in of_the_room(ArrivalPlan("h:1", [], ""), PEOPLE)}
    assert all(b"Cookie" not in head for head in asked["the room page of a newcomer"])
    assert [
        b"Cookie: " + one in head
        for one, head in zip(PEOPLE, asked["the room page of somebody in line"], strict=True)
    ] == [True] * 3
    bearers = asked["a poll of tickets/me by Bearer"]
    assert b"Authorization: Bearer t2\r\n" in bearers[2] and b"Cookie" not in bearers[2]
    assert asked.keys() < BARS.keys()


def test_a_browser_without_a_ticket_is_said() -> None:
    """Nothing else can be measured with it."""
    with pytest.raises(SystemExit, match="no ticket"):
        ticket_of(b"visitor=v")


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    """Round by round, because what else the machine does meets both."""
    assert RequestRates("x", [10.0, 5.0, 100.0], [20.0, 10.0, 1.0], 0.0).ratio == 0.5
