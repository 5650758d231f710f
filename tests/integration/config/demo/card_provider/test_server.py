"""The provider put together."""

from pathlib import Path

from casework.payments.card.stripe_reading import API_VERSION
from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.server import Sandbox, new_secrets, open_socket
from tests.support.processes.card_providers import NOWHERE, CardHere, order


async def test_what_it_knows_outlives_it(tmp_path: Path) -> None:
    """Pages, payments and keys: the same order is the same page after a restart."""
    import aiohttp

    from casework.payments.card.stripe_provider import StripeAccount, StripeProvider

    given, pages = new_secrets(), set()
    assert given != new_secrets()
    wanted = order()
    for _ in range(2):
        sandbox = Sandbox(given, API_VERSION, NOWHERE, tmp_path / "books.db")
        async with sandbox.serving(open_socket()) as url, aiohttp.ClientSession() as browser:
            account = StripeAccount(
                key=given.key, webhook_secret=given.webhook_secret, api_version=API_VERSION, base=url
            )
            provider = StripeProvider(account)
            card = CardHere(sandbox=sandbox, url=url, secrets=given, provider=provider, browser=browser)
            page = await provider.open_page(wanted)
            pages.add(page.session)
            await card.choose(f"{url}/payer/{page.session}", SandboxChoice.PAY)
            assert len((await provider.read(page.session)).movements) == 1
    assert len(pages) == 1
