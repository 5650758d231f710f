"""The sandbox of the card provider at work on loopback, with the adapter that speaks to it, in a test's own loop."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec

from casework.payments.card.port import PageOrder
from casework.payments.card.stripe_provider import StripeAccount, StripeProvider
from casework.payments.card.stripe_reading import API_VERSION
from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.behaviour import Behaviour
from config.demo.card_provider.server import Sandbox, SandboxSecrets, new_secrets, open_socket, url_of

NOWHERE = "http://127.0.0.1:9/"
"""Where webhooks go of a test that wants none."""


class CardHere(msgspec.Struct, frozen=True, kw_only=True):
    """A sandbox, its address, what it gave us, the adapter, and a browser for its pages."""

    sandbox: Sandbox
    url: str
    secrets: SandboxSecrets
    provider: StripeProvider
    browser: aiohttp.ClientSession

    def behave(self, **how: object) -> None:
        """Let the provider behave so from now on."""
        self.sandbox.deliveries.behaviour = msgspec.convert(how, Behaviour)

    async def choose(self, href: str, choice: SandboxChoice | str, at: str = "") -> str:
        """Press a button of a page; where it leads."""
        data = {"choix": str(choice)}
        async with self.browser.post(href + at, data=data, allow_redirects=False) as answer:
            return answer.headers.get("Location", "")

    def account(self, **other: str) -> StripeAccount:
        """Our account there, with other values where some are given."""
        values = {
            "key": self.secrets.key, "webhook_secret": self.secrets.webhook_secret, "api_version": API_VERSION,
            "base": self.url,
        }  # fmt: skip
        return StripeAccount(**(values | other))


def order(reference: str = "charge-1", cents: int = 81_200, seconds: float = 3_600) -> PageOrder:
    """An order of a page."""
    return PageOrder(
        reference=reference, amount_cents=cents, title="Frais, dossier D-0000001-97",
        expires_at=round((time.time() + seconds) * 1000), back_href="http://guichet.test/retour",
        cancel_href="http://guichet.test/paiement",
    )  # fmt: skip


@asynccontextmanager
async def card_here(webhooks: str = NOWHERE, call_seconds: float = 5.0) -> AsyncIterator[CardHere]:
    """A provider at work for as long as this lasts."""
    given, socket = new_secrets(), open_socket()
    sandbox = Sandbox(given, API_VERSION, webhooks)
    account = StripeAccount(
        key=given.key, webhook_secret=given.webhook_secret, api_version=API_VERSION, base=url_of(socket)
    )
    async with sandbox.serving(socket) as url, aiohttp.ClientSession() as browser:
        provider = StripeProvider(account, call_seconds)
        yield CardHere(sandbox=sandbox, url=url, secrets=given, provider=provider, browser=browser)
