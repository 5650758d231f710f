"""The link of an invitation, from the agent's form to the sign-in."""

from accounts.roles import Role
from tests.integration.accounts.invitations.test_inviting import code_of
from tests.integration.console.conftest import ConsolePlace
from tests.integration.console.conftest import place as place
from tests.support.candidates.exempt import STREAM
from tests.support.candidates.page_checks import assert_sound

PERSON = {
    "stream": f"demo/{STREAM}", "family_name": "Roy", "given_name": "Anne", "birth_date": "1985-04-02",
    "birth_country": "FR", "passport": "AB1234", "email": "anne@exemple.invalid", "reason": "A une offre validée.",
}  # fmt: skip

SECRETS = {
    "username": "anne.roy", "password": "quatre mots sans rapport aucun", "question-1": "Arbre ?",
    "answer-1": "érable argenté", "question-2": "Chien ?", "answer-2": "Mistigri le second", "question-3": "Ville ?",
    "answer-3": "Saint-Prime", "terms": "oui",
}  # fmt: skip


async def test_from_the_agents_form_to_the_sign_in(place: ConsolePlace) -> None:
    """Looking changes nothing; a refused form comes back without the password; afterwards the stream's page waits."""
    lucie = await place.staff("lucie", Role.AGENT)
    assert_sound(await lucie.get("/agent/invitations"))
    wrong = await lucie.post("/agent/invitations", data=PERSON | {"stream": "", "email": "<b>"})
    assert wrong.status_code == 422 and "&lt;b&gt;" in wrong.text and 'href="#stream"' in wrong.text
    done = await lucie.post("/agent/invitations", data=PERSON)
    assert done.headers["location"] == "/agent/invitations?fait=invitation"
    assert "Le compte est commencé" in (await lucie.get(done.headers["location"])).text
    code = await code_of(place.db)
    for _ in range(2):
        page = await place.nobody.get(f"/invitation?code={code}")
        assert page.status_code == 200
        assert_sound(page)
    weak = await place.nobody.post("/invitation", data=SECRETS | {"code": code, "password": "motdepasse"})
    assert weak.status_code == 422 and "motdepasse" not in weak.text and 'value="anne.roy"' in weak.text
    made = await place.nobody.post("/invitation", data=SECRETS | {"code": code})
    assert made.headers["location"] == f"/connexion?note=inscrit&suite=/volets/demo/{STREAM}"
    again = await place.nobody.get(f"/invitation?code={code}", headers={"Accept": "application/json"})
    assert (again.status_code, again.json()["code"]) == (410, "link_expired")
