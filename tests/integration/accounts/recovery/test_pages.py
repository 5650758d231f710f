"""The pages of recovery: a GET changes nothing, a refused form keeps what was typed but no password."""

import httpx
from starlette.applications import Starlette

from accounts.recovery.pages import RecoveryPages
from accounts.recovery.states import LostSecret
from config.assets import renderer
from foundation.errors import Refusal
from foundation.sql.database import Database
from server.problems import Problems, RefusalText
from tests.support.desks import ANSWERS, Desk, credentials, make_desk, visit
from tests.support.people.mailboxes import with_address
from tests.support.people.recoveries import PUBLIC_URL, asked, services_of

NEW = "quatre girafes sous un parapluie vert"


def client(desk: Desk) -> httpx.AsyncClient:
    problems = Problems(PUBLIC_URL, renderer(), desk.events)

    def tell(refusal: Refusal) -> RefusalText:
        return problems.tell(refusal)

    app = Starlette(routes=RecoveryPages(services_of(desk), renderer(), tell).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL)


async def test_every_address_gets_the_same_page(on_sqlite: Database) -> None:
    """What is missing is asked for again, with what was typed."""
    async with client(make_desk(on_sqlite)) as browser:
        sent = await browser.post("/recuperation", data={"email": "x@exemple.invalid", "what": "answers"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/recuperation?note=envoye")
        assert "arrive en quelques minutes" in (await browser.get(sent.headers["location"])).text
        wrong = await browser.post("/recuperation", data={"email": "x", "what": "username"})
        assert wrong.status_code == 422
        assert 'value="x"' in wrong.text
        assert 'id="what-username" name="what" value="username" checked' in wrong.text


async def test_a_password_is_replaced_by_a_form(on_sqlite: Database) -> None:
    """Wrong answers stay in it, the password does not; then the way leads to the sign-in."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    token = await asked(desk, LostSecret.PASSWORD)
    async with client(desk) as browser:
        form = await browser.get("/recuperation/lien", params={"jeton": token})
        assert "Arbre ?" in form.text
        answers = {f"answer-{place}": text for place, text in enumerate(ANSWERS, 1)}
        fields = {"jeton": token, "password": NEW}
        wrong = await browser.post("/recuperation/lien", data={**fields, **answers, "answer-1": "Bouleau"})
        assert wrong.status_code == 401
        assert 'value="Bouleau"' in wrong.text
        assert NEW not in wrong.text
        weak = await browser.post("/recuperation/lien", data={**fields, **answers, "password": "123"})
        assert weak.status_code == 422
        assert "trop court" in weak.text
        done = await browser.post("/recuperation/lien", data={**fields, **answers})
        assert (done.status_code, done.headers["location"]) == (303, "/connexion?note=motdepasse")
        past = await browser.post("/recuperation/lien", data={**fields, **answers})
        assert past.status_code == 410
        assert "Ce lien ne sert plus" in past.text
    await desk.sign_in(visit(), credentials(password=NEW))


async def test_answers_are_replaced_by_a_form(on_sqlite: Database) -> None:
    """Questions of one's own, from the second press on with what was typed."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    token = await asked(desk, LostSecret.ANSWERS)
    pairs = {
        "question-1": "Un mot ?",
        "answer-1": "saperlipopette",
        "question-2": "Une odeur ?",
        "answer-2": "",
    }
    async with client(desk) as browser:
        fields = {"jeton": token, "password": "un mot de passe d’essai"}
        wrong = await browser.post("/recuperation/lien", data={**fields, **pairs})
        assert wrong.status_code == 422
        assert 'value="saperlipopette"' in wrong.text
        done = await browser.post("/recuperation/lien", data={**fields, **pairs, "answer-2": "la craie"})
        assert done.headers["location"] == "/connexion?note=reponses"


async def test_a_user_name_is_shown_by_a_button(on_sqlite: Database) -> None:
    """Not by the link itself, which mail scanners open; never in an address."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    token = await asked(desk, LostSecret.USERNAME)
    async with client(desk) as browser:
        assert "essai-00001" not in (await browser.get("/recuperation/lien", params={"jeton": token})).text
        shown = await browser.post("/recuperation/lien", data={"jeton": token})
        assert "essai-00001" in shown.text
        past = await browser.get("/recuperation/lien?jeton=rien")
        assert past.status_code == 410
