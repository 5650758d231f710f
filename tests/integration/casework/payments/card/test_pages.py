"""The payment page of a file, from the button to the confirmation; browsers are httpx clients."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from casework.files.numbers import file_number
from casework.payments.card import charges, pages
from casework.payments.card.api import PaymentApi
from casework.payments.card.pages import PaymentPages
from casework.payments.card.services import CardServices
from casework.payments.card.states import ChargeState
from config.assets import renderer
from config.demo.card_provider.bank import SandboxChoice
from foundation.sql.database import Database
from server.problems import Problems
from server.response_defaults import security_headers
from submission.store import submission
from tests.support.candidates.files import RIGHT, FilePlace, file_place
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.candidates.paying import move_money
from tests.support.processes.card_providers import CardHere, card_here

HERE = f"/dossiers/{file_number(1)}/paiement"

VERIFYING = "Nous vérifions votre paiement"


@pytest.fixture
async def card() -> AsyncIterator[CardHere]:
    async with card_here() as made:
        yield made


@asynccontextmanager
async def at_the_page(
    database: Database, services: CardServices
) -> AsyncIterator[tuple[FilePlace, httpx.AsyncClient, str]]:
    """Somebody with a submission, signed in; and where the receipt is."""
    async with file_place(database) as place:
        problems = Problems("http://guichet.test", renderer())
        policy = dict(security_headers("http://guichet.test"))[b"content-security-policy"].decode()
        sign_in = place.sign_in
        made = PaymentPages(services, sign_in, renderer(), problems.tell, policy)
        place.app.router.routes.extend(made.routes())
        place.app.router.routes.extend(PaymentApi(place.desk.accounts, services).routes())
        browser, receipt = await place.submitted()
        async with aclosing(browser):
            yield place, browser, receipt


async def test_a_fee_is_paid_by_card(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page, the provider, and back: what the bank has taken is said at once, without any webhook."""
    monkeypatch.setattr(pages, "ASK_EVERY_MS", 0)
    monkeypatch.setattr(pages, "BACK_EVERY_MS", 0)
    async with at_the_page(database, card.services) as (_place, browser, _receipt):
        page = await browser.get(HERE)
        assert_clean(page)
        seen = text_of(page)
        assert f"Paiement du dossier {file_number(1)}" in seen
        assert "Payer 822,00 $ par carte" in seen
        assert seen.count("banque canadienne") == 2
        assert "Le délai est de 30 jours civils." in seen
        assert f"form-action 'self' {card.url};" in page.headers["content-security-policy"]
        sent = await browser.post(HERE)
        assert sent.status_code == 303
        href = sent.headers["location"]
        assert href.startswith(card.url)
        begun = text_of(await browser.get(HERE))
        assert "Votre paiement n’est pas terminé" in begun
        assert "par carte de crédit, en ligne" not in begun.lower()
        assert (await browser.post(HERE)).headers["location"] == href
        await card.choose(href, SandboxChoice.DECLINE)
        assert "La banque a refusé le paiement" in text_of(await browser.get(HERE))
        await card.choose(href, SandboxChoice.PAY)
        back = await browser.get(f"{HERE}/retour")
        assert_clean(back)
        assert "Frais payés" in text_of(back)
        assert "822,00 $" in text_of(back)
        again = await browser.post(HERE)
    assert (again.status_code, "Les frais sont déjà payés" in text_of(again)) == (409, True)
    (charge,) = await database.read(lambda conn: charges.of_file(conn, 1))
    assert charge.state is ChargeState.PAID


async def test_while_the_bank_thinks_nobody_pays_again(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says so, opens itself again without scripts, and has no button to pay by."""
    monkeypatch.setattr(pages, "ASK_EVERY_MS", 0)
    monkeypatch.setattr(pages, "BACK_EVERY_MS", 0)
    async with at_the_page(database, card.services) as (_place, browser, _receipt):
        href = (await browser.post(HERE)).headers["location"]
        await card.choose(href, SandboxChoice.SLOW)
        for where in (HERE, f"{HERE}/retour"):
            page = await browser.get(where)
            assert VERIFYING in text_of(page)
            assert "Ne payez pas de nouveau." in text_of(page)
            assert '<noscript><meta http-equiv="refresh"' in page.text
            assert not re.search(rf'action="{HERE}"', page.text)
        refused = await browser.post(HERE)
        assert (refused.status_code, "ne payez pas de nouveau" in text_of(refused)) == (409, True)
        card.behave(is_away=True)
        away = await browser.get(HERE)
        assert (away.status_code, "ne répond pas" in text_of(away)) == (200, True)
        card.behave()
        card.sandbox.bank.answered(card.sandbox.bank.page(href.rpartition("/")[2]))
        assert "Frais payés" in text_of(await browser.get(f"{HERE}/retour"))


async def test_a_provider_that_is_away_is_said_and_asked_again_by_the_next_click(
    database: Database, card: CardHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casework.payments.card.opening.OTHERS_TURN", (0.01,))
    async with at_the_page(database, card.services) as (_place, browser, _receipt):
        card.behave(is_away=True)
        refused = await browser.post(HERE)
        assert refused.status_code == 503
        assert "ne répond pas" in text_of(refused)
        card.behave()
        assert (await browser.post(HERE)).status_code == 303
    assert len(list(card.sandbox.books.all("checkout.session"))) == 1


async def test_without_a_key_post_remains(database: Database, card: CardHere) -> None:
    services = msgspec.structs.replace(card.services, provider=None)
    async with at_the_page(database, services) as (_place, browser, receipt):
        seen = text_of(await browser.get(HERE))
        assert "Le paiement par carte n’est pas offert en ce moment" in seen
        assert "Mandat postal de Postes Canada" in seen
        assert (await browser.post(HERE)).status_code == 503
        call = await browser.post(f"/api/v1/submissions/{receipt.rpartition('/')[2]}/payments")
        assert call.status_code == 503


async def test_a_payment_is_of_its_own_account_alone(database: Database, card: CardHere) -> None:
    """Anybody else gets 404, whether there is such a file or not."""
    async with at_the_page(database, card.services) as (place, _browser, receipt):
        await place.person("xavier")
        async with place.browser() as stranger:
            nobody = await stranger.get(HERE)
            await stranger.post("/connexion", data=RIGHT | {"username": "xavier"})
            found = [
                await stranger.get(path)
                for path in (HERE, "/dossiers/D-0000099-99/paiement", "/dossiers/x/paiement")
            ]
            posted = await stranger.post(HERE)
            called = await stranger.post(f"/api/v1/submissions/{receipt.rpartition('/')[2]}/payments")
    assert [one.status_code for one in (nobody, *found, posted, called)] == [404] * 6
    assert "822" not in text_of(nobody)


async def test_after_the_last_day_nothing_is_begun(database: Database, card: CardHere) -> None:
    async with at_the_page(database, card.services) as (_place, browser, _receipt):
        await database.write(lambda conn: conn.execute(sa.update(submission).values(pay_by=1)))
        seen = text_of(await browser.get(HERE))
        assert "Délai expiré" in seen
        assert "Par carte de crédit" not in seen
        assert (await browser.post(HERE)).status_code == 410


async def test_what_came_by_post_is_seen(database: Database, card: CardHere) -> None:
    """A part of the fee waits for a person, and nobody is led to pay the rest by card."""
    async with at_the_page(database, card.services) as (_place, browser, _receipt):
        await database.write(lambda conn: move_money(conn, 100, "part"))
        seen = text_of(await browser.get(HERE))
        assert "Paiement reçu, à examiner" in seen
        assert (await browser.post(HERE)).status_code == 409
