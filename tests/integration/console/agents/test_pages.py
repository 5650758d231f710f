"""The agents' pages: to agents alone, sound, and what an agent does with an open file."""

import msgspec
import pytest
import sqlalchemy as sa

from accounts.identities import Identity
from accounts.personal_data.fields import EMAIL
from accounts.roles import STAFF, Role
from console.agents.pages import read_factor
from foundation.errors import Refusal
from foundation.mail.store import mail
from tests.integration.console.agents.desk import WORK, agent, opened
from tests.integration.console.conftest import ConsolePlace
from tests.support.candidates.page_checks import assert_sound
from tests.support.desks import PERSONAL, make_account, sign_in

ANNE = Identity(family_name="Roy", given_name="Anne", birth_date="1985-04-02", passport="AB1234")

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
        elif method == "POST":
            assert stranger.status_code == 401 and "Votre session a pris fin" in stranger.text, path
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


async def test_an_identity_is_corrected_at_the_persons_word_alone(place: ConsolePlace) -> None:
    """Where it was confirmed who asks; with a reason; the address on file is told, and the record says which fields."""
    address = PERSONAL.seal("essai-00001", EMAIL, "anne@exemple.invalid")
    account = await make_account(place.desk, identity=ANNE, email=address)
    lucie, path = await agent(place), f"/agent/dossiers/{account}"
    new = msgspec.to_builtins(ANNE) | {"family_name": "Roy-Côté", "birth_country": "FR"}
    await opened(lucie, account, **WORK)
    assert "Corriger l’identité" not in (await lucie.get(path)).text
    assert (await lucie.post(f"{path}/identite", data=new)).status_code == 404
    await opened(lucie, account)
    wrong = await lucie.post(f"{path}/identite", data=new)
    assert wrong.status_code == 422 and 'href="#correction_reason"' in wrong.text and "Roy-Côté" in wrong.text
    bad = await lucie.post(
        f"{path}/identite", data=new | {"birth_date": "hier", "correction_reason": "Passeport vu."}
    )
    assert bad.status_code == 422 and 'href="#birth_date"' in bad.text
    done = await lucie.post(f"{path}/identite", data=new | {"correction_reason": "Passeport vu."})
    assert done.headers["location"] == f"{path}?fait=identite"
    page = await lucie.get(done.headers["location"])
    assert "Roy-Côté" in page.text and "L’identité est corrigée" in page.text
    assert [detail for _, act, detail in await place.audit() if act == "identity_correction"] == [
        {"fields": ["family_name", "birth_country"]}
    ]
    (posted,) = await place.db.read(lambda conn: conn.execute(sa.select(mail.c.kind)))
    assert posted.kind


async def test_an_address_is_changed_at_its_owners_word(place: ConsolePlace) -> None:
    """At once, where it was confirmed who asks; both addresses are told; never to one that has an account."""
    address = PERSONAL.seal("essai-00001", EMAIL, "anne@exemple.invalid")
    account = await make_account(place.desk, 1, identity=ANNE, email=address)
    await make_account(place.desk, 2, email_key=PERSONAL.emails.stored("zoe@exemple.invalid"))
    lucie, path = await agent(place), f"/agent/dossiers/{account}"
    await opened(lucie, account, **WORK)
    form = {"email": "nouvelle@exemple.invalid", "email_reason": "Ancienne adresse perdue."}
    assert (await lucie.post(f"{path}/courriel", data=form)).status_code == 404
    await opened(lucie, account)
    wrong = await lucie.post(f"{path}/courriel", data={"email": "anne", "email_reason": ""})
    assert wrong.status_code == 422 and 'href="#email"' in wrong.text and 'href="#email_reason"' in wrong.text
    taken = await lucie.post(f"{path}/courriel", data=form | {"email": "zoe@exemple.invalid"})
    assert taken.status_code == 409
    done = await lucie.post(f"{path}/courriel", data=form)
    assert done.headers["location"] == f"{path}?fait=courriel"
    assert "nouvelle@exemple.invalid" in (await lucie.get(path)).text
    count = sa.select(sa.func.count(mail.c.id))
    assert (await place.db.read(lambda conn: conn.execute(count))).scalar_one() == 2
