"""The sandbox of the card provider at work on loopback, with the adapter that speaks to it, in a test's own loop."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import sqlalchemy as sa

from casework.payments.card import following, refunds
from casework.payments.card.charges import Charge
from casework.payments.card.port import PageOrder
from casework.payments.card.reconciliation import daily
from casework.payments.card.services import CardServices, CardTask
from casework.payments.card.stripe_provider import StripeAccount, StripeProvider
from casework.payments.card.stripe_reading import API_VERSION
from config.demo.card_provider.bank import SandboxChoice
from config.demo.card_provider.behaviour import Behaviour
from config.demo.card_provider.server import Sandbox, SandboxSecrets, new_secrets, open_socket, url_of
from foundation import outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.paying import PAYMENTS


async def performed(db: Database, services: CardServices, within_ms: int = 20_000) -> int:
    """Do every task of payment by card that is due, as a worker does; how many were done."""
    outside: dict[str, outbox.OutsideEffect] = {
        CardTask.FOLLOW: following.following(services, within_ms),
        CardTask.HINT: following.hinted(services, within_ms),
        CardTask.REFUND: refunds.refunding(services, within_ms),
        CardTask.COMPARE: daily.comparing(services),
    }
    t = outbox.task
    due = sa.select(t.c.id, t.c.attempt).where(
        t.c.kind.in_(list(outside)), t.c.state == "staged", t.c.due_at <= now_ms()
    )
    found = (await db.read(lambda conn: conn.execute(due.order_by(t.c.id)))).all()
    return sum([await outbox.perform(db, {}, row.id, row.attempt, outside=outside) for row in found])


NOWHERE = "http://127.0.0.1:9/"
"""Where webhooks go of a test that wants none."""


class CardHere(msgspec.Struct, frozen=True, kw_only=True):
    """A sandbox, its address, what it gave us, the adapter, and a browser for its pages."""

    sandbox: Sandbox
    url: str
    secrets: SandboxSecrets
    provider: StripeProvider
    browser: aiohttp.ClientSession

    @property
    def services(self) -> CardServices:
        """Payment by card with this provider."""
        return CardServices(
            payments=PAYMENTS, provider=self.provider, pages=self.url, public_url="http://guichet.test"
        )

    async def pay(self, charge: Charge, choice: SandboxChoice = SandboxChoice.PAY) -> None:
        """What the person does on the page of an attempt."""
        assert charge.href is not None
        await self.choose(charge.href, choice)

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
