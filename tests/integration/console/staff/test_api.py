"""Staff of any role sign in at one address, and are told what they may."""

import sqlalchemy as sa

from accounts import store
from accounts.roles import Role
from foundation.clock import now_ms
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.desks import make_account, sign_in

PATH = "/api/v1/staff/session"


async def test_staff_of_any_role_sign_in(place: ConsolePlace) -> None:
    """An agent and a clerk have the session that an operator has; it says which roles they hold, in one order."""
    agent = await place.staff("lucie", Role.CLERK, Role.AGENT)
    assert (await agent.get(PATH)).json()["roles"] == ["agent", "clerk"]
    assert (await agent.delete(PATH)).status_code == 204
    assert (await agent.get(PATH)).json()["code"] == "not_signed_in"
    acts = [(actor, act) for actor, act, _ in await place.audit() if actor == "lucie"]
    assert acts == [("lucie", "sign_in"), ("lucie", "sign_out")]


async def test_a_role_opens_its_own_desk_alone(place: ConsolePlace) -> None:
    """An agent at the operators' desk is refused with the one code, and it is on the record."""
    agent = await place.staff("lucie", Role.AGENT)
    for path in ("/api/v1/operator/periods", "/api/v1/operator/audit.csv", "/operateur"):
        refused = await agent.get(path, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_your_role"), path
    assert [detail["code"] for actor, act, detail in await place.audit() if act == "refused"] == [
        "not_your_role"
    ] * 3
    stolen = await place.nobody.post(
        "/api/v1/operator/session", json={"username": "lucie", "password": SECRET}
    )
    assert (stolen.status_code, stolen.json()["code"]) == (403, "not_your_role")
    assert not place.nobody.cookies.get("operator")


async def test_nobody_without_a_role(place: ConsolePlace) -> None:
    """Whose last role has ended is out at the next request, and does not come back in."""
    agent = await place.staff("lucie", Role.AGENT)
    await place.db.write(lambda conn: conn.execute(sa.update(store.role_grant).values(until_at=now_ms())))
    assert (await agent.get(PATH)).json()["code"] == "not_your_role"
    again = await place.nobody.post(PATH, json={"username": "lucie", "password": SECRET})
    assert (again.status_code, again.json()["code"]) == (403, "not_your_role")


async def test_a_candidate_is_no_staff(place: ConsolePlace) -> None:
    """A candidate's session opens nothing here, nor do a candidate's user name and password."""
    await make_account(place.desk)
    candidate = place.browser()
    candidate.cookies.set("session", (await sign_in(place.desk)).secret)
    refused = await candidate.get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    await candidate.aclose()
