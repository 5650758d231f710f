"""Addresses and their places on the fast path, without a server."""

import pytest

from server.fast_path import LONGEST_REMEMBERED, MOST_REMEMBERED, Places


def places() -> Places:
    made = Places()
    made.add("POST", "/api/v1/periods/{id}/tickets", "join")
    made.add("GET", "/api/v1/periods/{id}/tickets/me", "standing")
    return made


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/api/v1/periods/demo/tickets", ("join", {"id": "demo"})),
        ("GET", "/api/v1/periods/demo/tickets/me", ("standing", {"id": "demo"})),
        ("GET", "/api/v1/periods/demo/tickets", None),
        ("POST", "/api/v1/periods//tickets", None),
        ("POST", "/api/v1/periods/demo/tickets/", None),
        ("POST", "/api/v2/periods/demo/tickets", None),
        ("GET", "/", None),
    ],
)
def test_an_address_leads_to_one_place_each_time(method: str, path: str, found: object) -> None:
    """The first time it is looked for, the second time it is remembered."""
    made = places()
    assert [made.find(method, path) for _ in range(2)] == [found, found]


def test_addresses_that_strangers_make_up_fill_no_memory() -> None:
    """They are found all the same."""
    made = places()
    for index in range(2 * MOST_REMEMBERED):
        assert made.find("POST", f"/api/v1/periods/{index}/tickets") == ("join", {"id": str(index)})
    long = "x" * LONGEST_REMEMBERED
    assert made.find("POST", f"/api/v1/periods/{long}/tickets") == ("join", {"id": long})
    assert len(made._known) == MOST_REMEMBERED
