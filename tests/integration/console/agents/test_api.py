"""The agents' API: the queue, a claim with its proof, a decision."""

from tests.integration.console.agents.desk import agent
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.exempt import declare
from tests.support.desks import make_account

CLAIMS = "/api/v1/agent/claims"


async def test_from_the_queue_to_the_decision(place: ConsolePlace) -> None:
    """Listed without its number, read with it, decided once; a stale version is told what it is now."""
    claim = await declare(place.desk, await make_account(place.desk), "VEO-2016-77")
    lucie = await agent(place)
    queue = (await lucie.get(CLAIMS)).json()
    assert queue["counts"]["declared"] == 1 and "77" not in str(queue["claims"][0]["programme"])
    assert queue["claims"][0]["decisions"] == ["accept", "refuse"]
    one = (await lucie.get(f"{CLAIMS}/{claim.id}")).json()
    assert (one["proof"], one["other_accounts"], one["version"]) == ("VEO-2016-77", 0, 1)
    body = {"decision": "accept", "reason": "Numéro vérifié.", "version": 1}
    done = await lucie.post(f"{CLAIMS}/{claim.id}/decision", json=body)
    assert (done.status_code, done.json()["state"]) == (200, "accepted")
    late = await lucie.post(f"{CLAIMS}/{claim.id}/decision", json=body | {"decision": "refuse"})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    assert (late.json()["current"]["state"], late.json()["current"]["version"]) == ("accepted", 2)
    assert late.json()["current"]["decided_at"] == done.json()["decided_at"]
    assert [detail["code"] for _, act, detail in await place.audit() if act == "refused"] == [
        "changed_meanwhile"
    ]


async def test_bad_input(place: ConsolePlace) -> None:
    """No reason, no such decision, no such claim; never a fault of ours."""
    claim = await declare(place.desk, await make_account(place.desk))
    lucie = await agent(place)
    path = f"{CLAIMS}/{claim.id}/decision"
    body = {"decision": "accept", "reason": "Motif.", "version": 1}
    for change, status in (
        ({"reason": " "}, 422), ({"decision": "submit"}, 422), ({"decision": "remove"}, 409), ({"decision": "x"}, 422),
        ({"version": "1"}, 422),
    ):  # fmt: skip
        assert (await lucie.post(path, json=body | change)).status_code == status, change
    assert (await lucie.post(path, json={})).status_code == 422
    assert (await lucie.get(f"{CLAIMS}/999")).status_code == 404
    assert (await lucie.get(f"{CLAIMS}?state=x&after=y")).status_code == 200
