"""The page of a file, `/dossiers/{number}`: which sections of which features it has, and in which order."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.amendments.sealing import AmendmentCipher
from casework.amendments.section import amendments_section
from casework.checklists.pages import ChecklistPages
from casework.checklists.section import list_section
from casework.checklists.services import ChecklistCipher
from casework.deadlines.section import deadlines_section
from casework.decisions.section import decision_section
from casework.decisions.services import DecisionServices
from casework.file_page.facts import (
    FileFacts,
    checklist_fact,
    file_fact,
    payment_fact,
    representative_fact,
)
from casework.file_page.pages import FilePages
from casework.file_page.sections import Section
from casework.letters import section
from casework.mailbox.section import messages_section
from casework.mailroom.section import mail_section
from casework.payments.card.services import CardServices
from casework.payments.payment_section import payment_section
from casework.withdrawal.api import WithdrawalApi
from casework.withdrawal.pages import WithdrawalPages
from casework.withdrawal.section import withdrawal_section
from config.settings import Settings
from config.wiring.deadlines import SOURCES
from config.wiring.parts import Parts
from config.wiring.payments import services_of
from server.rendering.forms import Tell
from server.rendering.templating import Render


def sections(parts: Parts, decisions: DecisionServices, cards: CardServices) -> Sequence[Section]:
    """The sections, from top to bottom; a feature adds its own here, one a line."""
    return (
        payment_section(cards),
        decision_section(decisions),
        deadlines_section(SOURCES, parts.programmes),
        list_section(decisions.lists),
        mail_section,
        messages_section,
        amendments_section(AmendmentCipher(parts.accounts.personal.amendments)),
        section.section,
        withdrawal_section,
    )


def facts(parts: Parts, settings: Settings) -> FileFacts:
    """What the API says of a submission's file; a feature adds its own here, one a line."""
    payments = services_of(parts.programmes, settings.secret_keys, settings.public_url)
    return {
        "file": file_fact,
        "payment": payment_fact(payments),
        "checklist": checklist_fact(ChecklistCipher(parts.accounts.personal.checklists)),
        "representative": representative_fact,
    }


def routes(
    parts: Parts,
    sign_in: SignInPages,
    decisions: DecisionServices,
    cards: CardServices,
    render: Render,
    tell: Tell,
) -> list[BaseRoute]:
    """The page, for the account a file belongs to, and what is done from it."""
    files = FilePages(sign_in, render, parts.programmes, sections(parts, decisions, cards))
    return [
        *files.routes(),
        *ChecklistPages(files, decisions.lists, tell).routes(),
        *WithdrawalPages(files, cards.payments, tell).routes(),
        *WithdrawalApi(files, cards.payments).routes(),
    ]
