"""The page to pay on, and what the demo tells the provider to do."""

import pytest

from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.pages import CONTROL
from tests.support.processes.card_providers import CardHere, card_here, order


async def seen(card: CardHere, href: str) -> tuple[int, str]:
    async with card.browser.get(href) as came:
        return came.status, await came.text()


async def told(card: CardHere, what: str, **values: object) -> int:
    async with card.browser.post(f"{card.url}{CONTROL}/{what}", json=values) as came:
        return came.status


async def test_the_page_says_what_it_is_and_asks_for_no_card() -> None:
    async with card_here() as card:
        page = await card.provider.open_page(order())
        status, text = await seen(card, page.href)
        assert status == 200
        assert all(f'value="{choice}"' in text for choice in SandboxChoice)
        assert "812,00\u00a0$" in text
        assert "aucune carte n’est demandée" in text
        assert "<input" not in text
        await card.choose(page.href, SandboxChoice.DECLINE)
        assert "La banque a refusé la carte" in (await seen(card, page.href))[1]
        await card.choose(page.href, "autre chose")
        await card.choose(page.href, SandboxChoice.PAY)
        assert "est fermée" in (await seen(card, page.href))[1]
        assert (await seen(card, f"{card.url}/payer/x"))[0] == 404
        assert "est fermée" in (await seen(card, f"{page.href}/banque"))[1]


async def test_it_can_be_told_to_be_away_to_refund_and_to_dispute() -> None:
    async with card_here() as card:
        page = await card.provider.open_page(order())
        await card.choose(page.href, SandboxChoice.PAY)
        payment = (await card.provider.read(page.session)).payment
        assert await told(card, "contestation", payment=payment) == 200
        assert await told(card, "remboursement", payment=payment) == 400
        (dispute,) = card.sandbox.books.all("dispute")
        assert await told(card, "contestation", id=dispute["id"]) == 200
        assert await told(card, "conduite", is_away=True) == 200
        assert await told(card, "conduite", times="x") == 400
        assert await told(card, "evenements") == 200
        assert (await seen(card, page.href))[0] == 503
        assert f'"{page.session}"' in (await seen(card, f"{card.url}{CONTROL}/pages"))[1]


@pytest.mark.parametrize("is_ended", [False, True])
async def test_a_slow_bank_answers_by_itself(is_ended: bool) -> None:
    """Unless the provider is ended before."""
    async with card_here() as card:
        card.behave(bank_ms=60_000 if is_ended else 1)
        page = await card.provider.open_page(order())
        await card.choose(page.href, SandboxChoice.SLOW)
        if not is_ended:
            for bank in list(card.sandbox.pages._banks):
                await bank
            assert [one.amount_cents for one in (await card.provider.read(page.session)).movements] == [
                81_200
            ]
