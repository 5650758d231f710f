"""The pages of a change of address: nothing changes by a GET, and nothing typed is lost."""

import httpx
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.applications import Starlette

from accounts.bounces import recording as bounces
from accounts.email_change import settling
from accounts.email_change.pages import EmailChangePages
from accounts.pages import SignInPages
from accounts.personal_data import email_addresses
from accounts.store import account as accounts_table
from casework.pages import DESTINATIONS
from config.assets import renderer
from foundation.clock import now_ms
from foundation.sql.database import Database
from server.problems import Problems
from tests.integration.accounts.email_change.test_changing import NEW, URL, address_now, services_of
from tests.support.desks import PASSWORD, Desk, make_desk, sign_in
from tests.support.people.mailboxes import address_of, posted, token_in, with_address


def client(desk: Desk, cookies: dict[str, str]) -> httpx.AsyncClient:
    tell = Problems(URL, renderer(), desk.events).tell
    sign_in = SignInPages(desk.accounts, renderer(), tell, DESTINATIONS)
    app = Starlette(routes=EmailChangePages(services_of(desk), sign_in, renderer(), tell).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, cookies=cookies)


async def test_a_change_by_its_pages(on_sqlite: Database) -> None:
    """Asked for with the password, confirmed and refused by buttons."""
    desk = make_desk(on_sqlite)
    account = await with_address(desk)
    async with client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        wrong = await browser.post("/compte/courriel", data={"email": NEW, "password": "faux"})
        assert f'value="{NEW}"' in wrong.text
        assert "faux" not in wrong.text
        sent = await browser.post("/compte/courriel", data={"email": NEW, "password": PASSWORD})
        assert sent.headers["location"] == "/compte/courriel?note=demande"
        assert NEW in (await browser.get("/compte/courriel")).text
        new, old = await posted(on_sqlite)
        yes, no = {"jeton": token_in(new)}, {"jeton": token_in(old)}
        assert "Confirmer mon adresse" in (await browser.get("/courriel/confirmation", params=yes)).text
        assert "est confirmée" in (await browser.post("/courriel/confirmation", data=yes)).text
        assert "Annuler le changement" in (await browser.get("/courriel/annulation", params=no)).text
        assert await address_now(desk, account) == address_of(1)
        assert (
            "toutes les sessions ont pris fin" in (await browser.post("/courriel/annulation", data=no)).text
        )
        assert (await browser.get("/courriel/confirmation", params=yes)).status_code == 410


async def test_what_was_typed_stays_where_the_session_has_ended(on_sqlite: Database) -> None:
    """With the way to sign in again; another tab's sign-in makes the second press good."""
    desk = make_desk(on_sqlite)
    await with_address(desk)
    async with client(desk, {}) as browser:
        answer = await browser.post("/compte/courriel", data={"email": NEW, "password": PASSWORD})
    assert answer.status_code == 401
    assert f'value="{NEW}"' in answer.text
    assert "Votre session a pris fin" in answer.text
    assert PASSWORD not in answer.text


async def test_an_address_that_fails_is_written_to_again_by_its_owners_word(database: Database) -> None:
    """By a button; without a session nothing changes. Another address ends it too."""
    desk = make_desk(database)
    account = await with_address(desk)

    async def fail(conn: AsyncConnection) -> None:
        failing = {"email_failing_at": 5, "email_failing_status": "5.1.1"}
        await conn.execute(sa.update(accounts_table).values(failing))

    async def since() -> int | None:
        return await database.read(lambda conn: bounces.failing_since(conn, account))

    await database.write(fail)
    async with client(desk, {}) as stranger:
        answer = await stranger.post("/compte/courriel/retabli")
        assert answer.headers["location"].startswith("/connexion") and await since() == 5
    async with client(desk, {"session": (await sign_in(desk)).secret}) as browser:
        answer = await browser.post("/compte/courriel/retabli")
        assert (answer.status_code, answer.headers["location"]) == (303, "/compte")
    assert await since() is None
    await database.write(fail)
    other = email_addresses.read("autre@exemple.invalid")
    assert other is not None
    changed = (desk.accounts.personal, account, other, "lucie")
    await database.write(lambda conn: settling.change_now(conn, *changed, now_ms(), URL))
    assert await since() is None
