"""Beginning to pay, over the API."""

from casework.payments.card.port import CardProvider
from config.demo.card_provider.bank import SandboxChoice
from foundation.sql.database import Database
from tests.integration.casework.payments.card.test_pages import at_the_page
from tests.support.processes.card_providers import card_here


async def test_a_program_is_told_where_the_page_is(database: Database) -> None:
    """A second call while one is under way is refused, with the same page as long as it can be paid on."""
    async with card_here() as card, at_the_page(database, card.services) as (_place, browser, receipt):
        call = f"/api/v1/submissions/{receipt.rpartition('/')[2]}/payments"
        first = await browser.post(call)
        assert first.status_code == 201
        assert (first.json()["state"], first.json()["href"].startswith(card.url)) == ("open", True)
        again = await browser.post(call)
        assert (again.status_code, again.json()["code"]) == (409, "payment_pending")
        assert again.json()["href"] == first.json()["href"]
        await card.choose(first.json()["href"], SandboxChoice.PAY)
        paid = await browser.post(call)
        assert (paid.status_code, paid.json()["code"]) == (409, "already_paid")
        assert (await browser.post("/api/v1/submissions/x/payments")).status_code == 404
        provider: CardProvider = card.provider
        assert provider.name == "stripe"
