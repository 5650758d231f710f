"""Amendments of frozen submissions: the candidate's pages and calls, the section of the file's page, the tasks."""

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.amendments.amending import AmendmentTask
from casework.amendments.api import AmendmentApi
from casework.amendments.giving_up.api import GivingUpApi
from casework.amendments.giving_up.pages import GivingUpPages
from casework.amendments.letter import filing
from casework.amendments.pages import AmendmentPages
from casework.amendments.services import amendment_services
from casework.mailbox.services import mailbox_services
from config.settings import Settings
from config.wiring.parts import Parts
from console.amendments.api import StaffAmendmentApi
from console.amendments.desk import AmendmentDesk
from console.amendments.pages import StaffAmendmentPages
from console.staff.desk import StaffDesk
from foundation.outbox import Effects
from publicsite.guidance.paper_amendment import PaperAmendmentPages
from quota.programmes import Programme
from server.rendering.forms import Tell
from server.rendering.templating import Render
from submission.forms.files import Forms


def routes(parts: Parts, sign_in: SignInPages, render: Render, settings: Settings) -> list[BaseRoute]:
    """What the account of a file reaches."""
    services = amendment_services(
        parts.programmes, parts.submissions.forms, settings.secret_keys, settings.public_url
    )
    pages = AmendmentPages(services, sign_in, render)
    paper = PaperAmendmentPages(render, parts.programmes)
    return [
        *pages.routes(),
        *GivingUpPages(services, sign_in, render).routes(),
        *AmendmentApi(parts.accounts, services).routes(),
        *GivingUpApi(parts.accounts, services).routes(),
        *paper.routes(),
    ]


def staff_routes(
    parts: Parts, staff: StaffDesk, render: Render, tell: Tell, settings: Settings
) -> list[BaseRoute]:
    """What agents reach."""
    services = amendment_services(
        parts.programmes, parts.submissions.forms, settings.secret_keys, settings.public_url
    )
    mailbox = mailbox_services(settings.secret_keys, settings.public_url)
    desk = AmendmentDesk(staff, services, mailbox)
    return [*StaffAmendmentApi(desk).routes(), *StaffAmendmentPages(desk, render, tell).routes()]


def amendment_effects(
    programmes: Mapping[str, Programme], forms: Forms, secret_keys: Sequence[str], public_url: str
) -> Effects:
    """What its tasks do."""
    services = amendment_services(programmes, forms, secret_keys)
    return {AmendmentTask.DOCUMENT: filing(services, mailbox_services(secret_keys, public_url), programmes)}
