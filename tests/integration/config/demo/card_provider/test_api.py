"""The sandbox's API: what the adapter does not ask by itself."""

from tests.support.processes.card_providers import CardHere, card_here, order


async def answer(card: CardHere, path: str, **headers: str) -> tuple[int, str]:
    """What a call is answered: its status, and the code of its error."""
    known = {"Authorization": f"Bearer {card.secrets.key}", "Stripe-Version": card.account().api_version}
    async with card.browser.get(card.url + path, headers=known | headers) as came:
        return came.status, ((await came.json()).get("error") or {}).get("code", "")


async def test_a_list_is_given_page_by_page() -> None:
    async with card_here() as card:
        bank = card.sandbox.bank
        for number in range(3):
            session = await card.provider.open_page(order(f"charge-{number}"))
            page = bank.page(session.session)
            bank.succeed(page, bank._intent(page))
        headers = {
            "Authorization": f"Bearer {card.secrets.key}",
            "Stripe-Version": card.account().api_version,
        }
        found: list[str] = []
        after = ""
        for _ in range(3):
            path = f"{card.url}/v1/balance_transactions?limit=1{after}"
            async with card.browser.get(path, headers=headers) as came:
                listed = await came.json()
            found.append(listed["data"][0]["id"])
            after = f"&starting_after={found[-1]}"
        assert len(set(found)) == 3
        assert listed["has_more"] is False


async def test_a_key_and_the_pinned_version_are_asked_for() -> None:
    async with card_here() as card:
        assert await answer(card, "/v1/checkout/sessions/x") == (404, "resource_missing")
        assert await answer(card, "/v1/checkout/sessions/x", Authorization="Bearer no") == (
            401,
            "api_key_invalid",
        )
        wrong = await answer(card, "/v1/refunds", **{"Stripe-Version": "2000-01-01"})
        assert wrong == (400, "api_version_invalid")
        assert await answer(card, "/v1/balance_transactions?limit=x") == (400, "parameter_unknown")
