"""What was typed in the page of one account is never done in another that has signed in since, in the same browser."""

import re
from collections.abc import Mapping
from contextlib import aclosing

import httpx
import pytest
from starlette.requests import Request

from accounts import sessions
from accounts.services import AccountServices
from accounts.sessions import Session
from accounts.states import SessionRole
from accounts.visits import form_owner
from foundation.errors import Code, Refusal, RefusalCause
from foundation.sql.database import Database
from tests.integration.accounts.email_change import test_pages as email_pages
from tests.support.candidates.exempt import STREAM, with_streams
from tests.support.candidates.files import RIGHT, file_place
from tests.support.candidates.own_accounts import own_account
from tests.support.candidates.own_data import with_own_data
from tests.support.candidates.page_checks import assert_sound, text_of
from tests.support.candidates.represented_pages import represented_place
from tests.support.candidates.representing import LAWYER
from tests.support.desks import PASSWORD, make_desk, sign_in
from tests.support.people.mailboxes import posted, with_address

SAID = "Cette page est celle d’un autre compte"

OTHERS = "0" * 24


def a_session(owner: int) -> Session:
    return Session(role=SessionRole.CANDIDATE, owner=owner, username="x", expires_at=0)


def test_a_form_that_comes_back_stays_whose_it_was() -> None:
    """Two accounts have two marks; nobody has none, and a form without one is that of whoever is signed in."""
    one, two = a_session(1), a_session(2)
    assert form_owner.mark_of(one) != form_owner.mark_of(two)
    assert form_owner.shown(one, {}) == form_owner.mark_of(one)
    assert form_owner.shown(two, {"whose": form_owner.mark_of(one)}) == form_owner.mark_of(one)
    assert form_owner.shown(None, {}) == ""
    another = Refusal(Code.NOT_SIGNED_IN, cause=RefusalCause.SESSION_OF_ANOTHER)
    assert form_owner.is_anothers(another)
    assert not form_owner.is_anothers(Refusal(Code.NOT_SIGNED_IN)) and not form_owner.is_anothers(None)


async def in_another_account(
    browser: httpx.AsyncClient, page: str, typed: dict[str, str], kept: str = ""
) -> None:
    """The form of this page says whose it is, and is refused where it says another, with what was typed in it."""
    whose = re.findall(r'name="whose" value="([0-9a-f]{24})"', (await browser.get(page)).text)
    assert whose, page
    refused = await browser.post(page, data=typed | {"whose": OTHERS})
    assert refused.status_code == 401 and SAID in text_of(refused), page
    if kept:
        assert_sound(refused)
        assert f'value="{OTHERS}"' in refused.text and kept in refused.text
        assert "Votre session a pris fin" not in text_of(refused)
        assert f'href="/connexion?suite={page}&amp;compte=autre"' in refused.text, (
            "the way to the other account"
        )


ADDRESS = {"address": "2, rue Neuve", "country": "BE"}


async def test_of_an_address(database: Database) -> None:
    """It is changed by no password, and so in whatever account is signed in."""
    async with own_account(database) as (place, browser):
        await in_another_account(browser, "/compte/adresse", ADDRESS, "2, rue Neuve")
        assert "2, rue Neuve" not in text_of(await browser.get("/compte/renseignements"))
        assert "home_address_changed" not in [kind for _, kind, _ in await place.messages()]
        page = await browser.get("/compte/adresse")
        whose = re.findall(r'name="whose" value="([0-9a-f]{24})"', page.text)[0]
        done = await browser.post("/compte/adresse", data=ADDRESS | {"whose": whose})
        assert done.status_code == 303


async def test_without_the_mark_it_is_done_in_the_other_account(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the address of one member of a family becomes another's."""

    async def anybody(services: AccountServices, request: Request, _: Mapping[str, str]) -> Session:
        return await sessions.required(services, request)

    monkeypatch.setattr(form_owner, "required", anybody)
    async with own_account(on_sqlite) as (_, browser):
        done = await browser.post("/compte/adresse", data=ADDRESS | {"whose": OTHERS})
        assert done.status_code == 303
        assert "2, rue Neuve" in text_of(await browser.get("/compte/renseignements"))


async def test_of_a_representative(on_sqlite: Database) -> None:
    """Nobody is declared, and nobody revoked, for somebody else."""
    async with represented_place(on_sqlite) as place:
        _, anne = await place.person()
        page = "/compte/representant"
        await in_another_account(anne, page, LAWYER, "Tremblay")
        assert "Déclarer un représentant" in text_of(await anne.get(page))
        assert (await anne.post(page, data=LAWYER)).status_code == 303
        await in_another_account(anne, f"{page}/revocation", {})
        assert "Procuration attendue par la poste" in text_of(await anne.get(page))


async def test_of_an_e_mail_address(on_sqlite: Database) -> None:
    """Also of the button that takes a change back."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    async with email_pages.client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        typed = {"email": "autre@exemple.invalid", "password": PASSWORD}
        page = "/compte/courriel"
        await in_another_account(browser, page, typed, "autre@exemple.invalid")
        assert await posted(on_sqlite) == []
        await browser.post(page, data=typed)
        shown = await browser.get(page)
        assert shown.text.count('name="whose"') == 2
        with pytest.raises(Refusal, match="not_signed_in"):
            await browser.post(f"{page}/annuler", data={"whose": OTHERS})
        assert "Un changement attend" in text_of(await browser.get(page))


async def test_of_a_proof_and_of_a_deletion(on_sqlite: Database) -> None:
    """Neither is somebody else's."""
    async with file_place(on_sqlite) as place:
        with_streams(place)
        with_own_data(place)
        await place.person("anne")
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            page = f"/volets/demo/{STREAM}"
            await in_another_account(browser, page, {"proof": "VEO-2016-77"}, "VEO-2016-77")
            assert "Donner une preuve" in text_of(await browser.get(page))
            deleted = {"confirm": "oui", "password": RIGHT["password"]}
            await in_another_account(browser, "/compte/supprimer", deleted)
            assert (await browser.get("/compte/donnees")).status_code == 200
