"""Payment by card: the services, its pages and calls, the door for webhooks, and its tasks."""

from collections.abc import Mapping

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from accounts.representatives.services import representative_services
from casework.payments import settling
from casework.payments.card import following, refunds
from casework.payments.card.api import PaymentApi
from casework.payments.card.hints import WebhookDoor
from casework.payments.card.pages import POLICY, PaymentPages
from casework.payments.card.port import CardProvider
from casework.payments.card.reconciliation import daily
from casework.payments.card.services import CardServices, CardTask
from casework.payments.services import PaymentServices, payment_services
from config.settings import Settings
from config.wiring.parts import Parts
from console.card.desk import CardDesk
from console.card.pages import CardPages
from console.staff.desk import StaffDesk
from foundation.events import Events
from foundation.outbox import OutsideEffects
from quota.programmes import Programme
from server.rendering.forms import Tell
from server.rendering.templating import Render

NO_KEY_WITHIN_MS = 1_000
"""A task that has nobody to ask looks at its row and waits."""


def card_services(settings: Settings, programmes: Mapping[str, Programme]) -> CardServices:
    """The services with these settings; without a key nobody pays by card."""
    representatives = representative_services(settings.secret_keys, settings.public_url, settling.has_paid)
    return CardServices(
        payments=payment_services(programmes, settings.secret_keys, representatives),
        provider=provider(settings),
        pages=settings.card_pages_url,
        public_url=settings.public_url,
    )


def provider(settings: Settings) -> CardProvider | None:
    """The provider of these settings; its library is loaded only where there is one."""
    if not settings.card_key or not settings.card_webhook_secret:
        return None
    from casework.payments.card.stripe_provider import StripeAccount, StripeProvider

    account = StripeAccount(
        key=settings.card_key,
        webhook_secret=settings.card_webhook_secret,
        api_version=settings.card_api_version,
        base=settings.card_api_url,
    )
    return StripeProvider(account)


def routes(parts: Parts, sign_in: SignInPages, render: Render, settings: Settings) -> list[BaseRoute]:
    """Every route of payment by card."""
    services = card_services(settings, parts.programmes)
    policy = next(value.decode() for name, value in parts.defaults.headers if name == POLICY)
    return [
        *WebhookDoor(parts.db, services).routes(),
        *PaymentPages(services, sign_in, render, parts.problems.tell, policy).routes(),
        *PaymentApi(parts.accounts, services).routes(),
    ]


def staff_routes(staff: StaffDesk, services: PaymentServices, render: Render, tell: Tell) -> list[BaseRoute]:
    """The desk of card payments."""
    return CardPages(CardDesk(staff, services), render, tell).routes()


def outside(
    settings: Settings, programmes: Mapping[str, Programme], events: Events | None = None
) -> OutsideEffects:
    """What its tasks do: all of them ask the provider."""
    services = card_services(settings, programmes)
    within = NO_KEY_WITHIN_MS if services.provider is None else services.provider.within_ms
    return {
        CardTask.FOLLOW: following.following(services, within),
        CardTask.HINT: following.hinted(services, within),
        CardTask.REFUND: refunds.refunding(services, within),
        CardTask.COMPARE: daily.comparing(services, events),
    }
