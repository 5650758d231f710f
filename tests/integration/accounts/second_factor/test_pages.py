"""The page of the second factor: offered, set up, shown once, taken away."""

import re

import httpx
import pytest
from starlette.applications import Starlette

from accounts.pages import SignInPages
from accounts.second_factor import pending
from accounts.second_factor.pages import SecondFactorPages
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.sql.database import Database
from server.problems import Problems
from tests.integration.accounts.second_factor.test_proof import code_now, typed
from tests.support.candidates.page_checks import text_of
from tests.support.desks import ANSWERS, PASSWORD, Desk, make_account, make_desk, sign_in, visit

URL = "http://guichet.test"


def client(desk: Desk, cookies: dict[str, str]) -> httpx.AsyncClient:
    tell = Problems(URL, renderer(), desk.events).tell
    pages = SignInPages(desk.accounts, renderer(), tell, DESTINATIONS)
    factor = SecondFactorPages(pages, renderer(), tell, "Guichet d’essai")
    app = Starlette(routes=[*pages.routes(), *factor.routes()])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, cookies=cookies)


async def test_a_factor_by_its_pages(on_sqlite: Database) -> None:
    """Password, picture and key, first code, recovery codes once, and a sign-in by form that asks for it."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    page = "/compte/code"
    async with client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        assert "jamais obligatoire" in (await browser.get(page)).text
        begun = await browser.post(page, data={"do": "commencer", "password": PASSWORD})
        assert "<svg " in begun.text
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", begun.text)
        assert found is not None
        secret = found[1].replace(" ", "")
        wrong = await browser.post(page, data={"do": "activer", "code": "000000"})
        assert wrong.status_code == 401
        assert found[1] in wrong.text
        codes = await browser.post(page, data={"do": "activer", "code": code_now(secret)})
        shown = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", codes.text)
        assert len(shown) == 8
        assert "8 codes" in (await browser.get(page)).text.replace("\N{NO-BREAK SPACE}", " ")
        answers = {f"answer-{n}": text for n, text in enumerate(ANSWERS, 1)}
        fields = {"username": "essai-00001", "password": PASSWORD, **answers}
        refused = await browser.post("/connexion", data=fields)
        assert refused.status_code == 401
        assert "<details open><summary>J’ai un code" in refused.text
        signed = await browser.post("/connexion", data={**fields, "code": shown[0]})
        assert signed.status_code == 303
        out = await browser.post(page, data={"do": "retirer", "password": PASSWORD, "code": shown[1]})
        assert out.headers["location"] == "/compte/code?note=retire"
    await desk.sign_in(visit(), typed(""))


async def test_a_first_code_that_nothing_waits_for_is_told_so(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too late, or in a second tab: not that the code is wrong, which it is not. Twin: in time a wrong one is."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    page = "/compte/code"
    async with client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        begun = await browser.post(page, data={"do": "commencer", "password": PASSWORD})
        wrong = await browser.post(page, data={"do": "activer", "code": "1"})
        assert "Code de vérification inexact" in text_of(wrong)
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", begun.text)
        assert found is not None
        secret = found[1].replace(" ", "")
        with monkeypatch.context() as late:
            late.setattr(pending, "LASTS_MS", 0)
            answer = await browser.post(page, data={"do": "activer", "code": code_now(secret)})
        assert answer.status_code == 401 and "Cette clé n’est plus bonne" in text_of(answer)
        assert "inexact" not in answer.text and 'href="#code"' not in answer.text
        await browser.post(page, data={"do": "activer", "code": code_now(secret)})
        answer = await browser.post(page, data={"do": "activer", "code": "000000"})
        assert answer.status_code == 401 and "C’est déjà activé" in text_of(answer)


async def test_after_the_end_of_the_session_the_page_says_how_to_go_on(on_sqlite: Database) -> None:
    """And does nothing."""
    async with client(make_desk(on_sqlite), {}) as browser:
        answer = await browser.post("/compte/code", data={"do": "commencer", "password": PASSWORD})
    assert answer.status_code == 401
    assert "Votre session a pris fin" in answer.text


async def test_a_secret_is_made_in_the_account_of_the_page(on_sqlite: Database) -> None:
    """Whoever has signed in since is told whose page it is; nothing is begun."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    typed = {"do": "commencer", "password": PASSWORD, "whose": "0" * 24}
    async with client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        assert 'name="whose"' in (await browser.get("/compte/code")).text
        answer = await browser.post("/compte/code", data=typed)
        assert answer.status_code == 401 and "Lisez ce code" not in text_of(answer)
        assert "Cette page est celle d’un autre compte" in text_of(answer)
        assert f'value="{"0" * 24}"' in answer.text
