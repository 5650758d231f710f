"""The agents' pages: to agents alone, sound, and what an agent does with an open file."""

import pytest

from accounts.roles import STAFF, Role
from console.agents.pages import read_factor
from foundation.errors import Refusal
from tests.integration.console.agents.desk import WORK, agent, opened
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.page_checks import assert_sound
from tests.support.desks import make_account, sign_in

ADDRESSES = (
    ("GET", "/agent"), ("POST", "/agent/recherche"), ("GET", "/agent/dossiers/1"), ("GET", "/agent/dossiers/1/ouvrir"),
    ("POST", "/agent/dossiers/1/ouvrir"), ("POST", "/agent/dossiers/1/fermer"),
    ("POST", "/agent/dossiers/1/adaptation"), ("GET", "/agent/demandes"), ("GET", "/agent/demandes/1"),
    ("POST", "/agent/demandes/1"), ("GET", "/api/v1/agent/claims"), ("GET", "/api/v1/agent/claims/1"),
    ("POST", "/api/v1/agent/claims/1/decision"),
)  # fmt: skip


@pytest.mark.parametrize("role", [role for role in STAFF if role is not Role.AGENT], ids=str)
async def test_no_other_role_reaches_them(place: ConsolePlace, role: Role) -> None:
    """A clerk, an operator, an auditor: 403 with one code at every address, whether there is such a file or not."""
    await make_account(place.desk)
    browser = await place.staff("marc", role)
    for method, path in ADDRESSES:
        answer = await browser.request(method, path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_role"), (method, path)
    refused = [detail["code"] for actor, act, detail in await place.audit() if act == "refused"]
    assert refused == ["not_your_role"] * len(ADDRESSES)


async def test_candidates_and_strangers_do_not_reach_them(place: ConsolePlace) -> None:
    """A candidate is refused, a stranger led to the staff's sign-in; neither learns what there is."""
    await make_account(place.desk)
    candidate = place.browser()
    candidate.cookies.set("session", (await sign_in(place.desk)).secret)
    for method, path in ADDRESSES:
        refused = await candidate.request(method, path, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), (method, path)
        stranger = await place.nobody.request(method, path)
        if path.startswith("/api/"):
            assert (stranger.status_code, stranger.json()["code"]) == (401, "not_signed_in"), (method, path)
        else:
            assert stranger.status_code == 303 and stranger.headers["location"].startswith(
                "/personnel?note=avant"
            )
    await candidate.aclose()


async def test_every_page_is_sound(place: ConsolePlace) -> None:
    """Nothing inline, nothing cached, one heading, Montréal beside each time."""
    account = await make_account(place.desk)
    lucie = await agent(place)
    await opened(lucie, account, **WORK)
    for path in (
        "/agent",
        f"/agent/dossiers/{account}/ouvrir",
        f"/agent/dossiers/{account}",
        "/agent/demandes",
    ):
        page = await lucie.get(path)
        assert page.status_code == 200, path
        assert_sound(page)


async def test_an_accommodation_is_granted_from_the_file(place: ConsolePlace) -> None:
    """On the record with the agent's name and role; a factor out of bounds is said at its field."""
    account = await make_account(place.desk)
    lucie = await agent(place)
    await opened(lucie, account, **WORK)
    path = f"/agent/dossiers/{account}"
    wrong = await lucie.post(f"{path}/adaptation", data={"factor": "3"})
    assert wrong.status_code == 422 and 'href="#factor"' in wrong.text
    done = await lucie.post(f"{path}/adaptation", data={"factor": "1,5"})
    assert done.headers["location"] == f"{path}?fait=adaptation"
    page = await lucie.get(done.headers["location"])
    assert "1,5 fois" in page.text and "Mesure d’adaptation accordée" in page.text
    assert ("lucie", "grant") in [(actor, act) for actor, act, _ in await place.audit()]


def test_a_factor_is_typed_in_french() -> None:
    """With a comma or a point; words are refused."""
    assert (read_factor("1,5"), read_factor(" 2 ")) == (1.5, 2.0)
    with pytest.raises(Refusal, match="invalid"):
        read_factor("deux")
