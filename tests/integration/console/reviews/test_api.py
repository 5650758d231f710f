"""`/api/v1/agent/reviews`."""

import pytest

from accounts.roles import Role
from tests.integration.console.reviews.conftest import ReviewPlace
from tests.support.candidates.alike import pair

ADDRESS = "/api/v1/agent/reviews"


async def test_a_case_is_listed_read_and_decided(reviews: ReviewPlace) -> None:
    """The list has no personal data; the case has both records; of two decisions the second is told."""
    _, _, review = await pair(reviews.desk, passport="CD7654321")
    agent = await reviews.staff("lucie", Role.AGENT)
    listed = await agent.get(ADDRESS)
    assert [one["id"] for one in listed.json()["reviews"]] == [review.id]
    assert "Diaye" not in listed.text
    case = (await agent.get(f"{ADDRESS}/{review.id}")).json()
    assert {"field": "Nom de famille", "one": "N’Diaye", "other": "N’Diaye"} in case["records"]
    body = {"reason": "Mêmes pièces.", "version": case["version"]}
    decided = await agent.post(f"{ADDRESS}/{review.id}/confirm", json=body)
    assert (decided.status_code, decided.json()["decision"]) == (200, "confirmed")
    again = await agent.post(f"{ADDRESS}/{review.id}/dismiss", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    undone = await agent.post(f"{ADDRESS}/{review.id}/undo", json={"reason": "Erreur."})
    assert undone.json()["decision"] is None


@pytest.mark.parametrize("address", ["/0", "/99", "/x", "/1%00", "/" + "9" * 40])
async def test_what_is_no_case_is_not_found(reviews: ReviewPlace, address: str) -> None:
    """Whatever is asked for, never a fault."""
    agent = await reviews.staff("lucie", Role.AGENT)
    assert (await agent.get(f"{ADDRESS}{address}")).status_code == 404


async def test_only_agents_come_in(reviews: ReviewPlace) -> None:
    """Nobody, and staff of another role, read and decide nothing; a filter that is no word is named."""
    _, _, review = await pair(reviews.desk)
    assert (await reviews.nobody().get(ADDRESS)).status_code == 401
    operator = await reviews.staff("marc", Role.OPERATOR)
    for answer in (
        await operator.get(ADDRESS),
        await operator.get(f"{ADDRESS}/{review.id}"),
        await operator.post(f"{ADDRESS}/{review.id}/undo", json={"reason": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_role")
    agent = await reviews.staff("lucie", Role.AGENT)
    assert (await agent.get(f"{ADDRESS}?kind=x")).json()["fields"][0]["name"] == "kind"
    assert (await agent.get(f"{ADDRESS}?state=decided&kind=duplicate&page=x")).status_code == 200
