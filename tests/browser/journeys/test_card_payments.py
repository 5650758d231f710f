"""A fee paid by card in a real browser, from our page over the provider's and back, with scripts and without."""

import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from casework.files import numbers
from tests.support.browsing import look, look_without_scripts, page_of
from tests.support.processes.services import RunningService, candidate, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    data = tmp_path_factory.mktemp("paid") / "data"
    with running(data, "--web", "1", "--cap", "20", "--accounts", "4", "--calls-per-minute", "600") as one:
        yield one


def tell(service: RunningService, **how: Any) -> None:
    """Let the provider behave so."""
    address = f"{service.ready['sandbox']['url']}/_bac-a-sable/conduite"
    urllib.request.urlopen(urllib.request.Request(address, json.dumps(how).encode())).close()


async def at_its_payment(service: RunningService, page: Page, account: int) -> str:
    """Somebody who has submitted, signed in, at the payment page of their file; its address."""
    accepted = await candidate(service, account)
    assert accepted["state"] == "accepted"
    known = service.credentials(account)
    await page.goto("/connexion")
    await page.fill("[name=username]", known["username"])
    await page.fill("[name=password]", known["password"])
    for place, answer in enumerate(known["answers"], 1):
        await page.fill(f"[name=answer-{place}]", answer)
    await page.get_by_role("button", name="Se connecter").last.click()
    await page.wait_for_url("**/compte")
    number = re.search(numbers.PATTERN, await page.content())
    assert number is not None
    here = f"/dossiers/{number[0]}/paiement"
    await page.goto(here)
    return here


@pytest.mark.parametrize("scripts", [True, False])
async def test_declined_asked_by_the_bank_and_paid(service: RunningService, scripts: bool) -> None:
    """The policy of our pages lets the form lead to the provider; every event comes twice and in any order."""
    see = look if scripts else look_without_scripts
    tell(service, times=2, is_shuffled=True)
    account = 1 if scripts else 2
    async with page_of(service.url, java_script_enabled=scripts) as page:
        here = await at_its_payment(service, page, account)
        await see(page)
        await page.get_by_role("button", name=re.compile("Payer .* par carte")).click()
        await page.wait_for_url(f"{service.ready['sandbox']['url']}/**")
        if scripts:
            await look(page)
        await page.get_by_role("button", name="Refuser").click()
        await page.get_by_role("link", name="Revenir au site sans payer").click()
        await page.goto(f"{here}/retour")
        await expect(page.get_by_role("heading", name="La banque a refusé le paiement")).to_be_visible()
        await see(page)
        await page.get_by_role("button", name="Essayer de nouveau").click()
        await page.get_by_role("button", name="3-D Secure").click()
        await page.get_by_role("button", name="C’est bien moi").click()
        await expect(page.get_by_role("heading", name="Frais payés")).to_be_visible()
        await see(page)
        await page.goto(here.removesuffix("/paiement"))
        await expect(page.get_by_role("heading", name="Payée, dossier ouvert")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_slow_bank_is_waited_for_by_the_page_itself(service: RunningService, scripts: bool) -> None:
    tell(service, bank_ms=8_000)
    account = 3 if scripts else 4
    async with page_of(service.url, java_script_enabled=scripts) as page:
        await at_its_payment(service, page, account)
        await page.get_by_role("button", name=re.compile("Payer .* par carte")).click()
        await page.get_by_role("button", name="Payer lentement").click()
        await expect(page.get_by_role("heading", name="Nous vérifions votre paiement")).to_be_visible()
        await (look(page) if scripts else look_without_scripts(page, refreshes=True))
        await expect(page.get_by_role("heading", name="Frais payés")).to_be_visible()
