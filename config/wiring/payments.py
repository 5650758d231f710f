"""Payments: their services, the agents' page, and their tasks: reminders, the end of an unpaid file, and what is
forgotten after it."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute

from accounts.representatives.services import representative_services
from casework.files.tasks import FileTask
from casework.payments import settling
from casework.payments.card import asking
from casework.payments.services import PaymentServices, payment_services
from casework.payments.supplements import ending as lapsing
from casework.payments.supplements import watching
from casework.payments.unpaid import deletion, ending, reminders
from casework.withdrawal import card_pages
from config.settings import Settings
from config.wiring.card import NO_KEY_WITHIN_MS, card_services
from config.wiring.parts import Parts
from console.payments.desk import MoneyDesk
from console.payments.notice_desk import NoticeDesk
from console.payments.notice_pages import NoticePages
from console.payments.pages import MoneyPages
from console.staff.desk import StaffDesk
from foundation.outbox import Effects, OutsideEffects
from foundation.sql.database import Database
from publicsite.fees.pages import FeePages
from quota.programmes import Programme
from server.rendering.templating import Render
from submission.follow_up import FollowUp

QUESTIONS = 4
"""The provider is asked so often at most before a file is deleted: it has one attempt under way, which is closed, asked
about, and perhaps ordered again."""


def services_of(
    programmes: Mapping[str, Programme], secret_keys: Sequence[str], public_url: str
) -> PaymentServices:
    """The services with these keys."""
    representatives = representative_services(secret_keys, public_url, settling.has_paid)
    return payment_services(programmes, secret_keys, representatives)


def effects(programmes: Mapping[str, Programme], secret_keys: Sequence[str], public_url: str) -> Effects:
    """What its tasks write."""
    services = services_of(programmes, secret_keys, public_url)
    return {
        FollowUp.PAYMENT_WATCH: reminders.watching(services),
        FileTask.PAYMENT_REMINDER: reminders.reminding(services),
        FileTask.ADDRESS_FORGOTTEN: deletion.forgetting(),
        FileTask.SUPPLEMENT_WATCH: watching.watching(services),
        FileTask.SUPPLEMENT_REMINDER: watching.reminding(services),
    }


def outside(settings: Settings, programmes: Mapping[str, Programme]) -> OutsideEffects:
    """Before a file is deleted, the provider of cards is asked."""
    services = card_services(settings, programmes)
    within = NO_KEY_WITHIN_MS if services.provider is None else services.provider.within_ms * QUESTIONS

    async def ask(db: Database, number: int) -> bool:
        return await asking.ask_again(db, services, number)

    return {
        FileTask.UNPAID_END: ending.ending(services.payments, ask, within),
        FileTask.SUPPLEMENT_END: lapsing.ending(services.payments, ask, within),
        FileTask.WITHDRAWN_CARD: card_pages.closing(ask, within),
    }


def routes(parts: Parts, staff: StaffDesk, settings: Settings, render: Render) -> list[BaseRoute]:
    """The agents' page of money that waits for a decision, and everybody's page of fees."""
    services = services_of(parts.programmes, settings.secret_keys, settings.public_url)
    return [
        *FeePages(render, parts.programmes).routes(),
        *MoneyPages(MoneyDesk(staff, services), render, parts.problems.tell).routes(),
        *NoticePages(NoticeDesk(staff, services), render, parts.problems.tell).routes(),
    ]
