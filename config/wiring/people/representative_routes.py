"""A candidate's representative, and the desks that record procurations and what comes by post."""

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from accounts.representatives.account import AccountRepresentatives
from accounts.representatives.api import RepresentativeApi
from accounts.representatives.pages import RepresentativePages
from accounts.representatives.services import representative_services
from casework.payments import settling
from config.assets import STATIC, renderer
from config.settings import Settings
from config.wiring import mailroom, payments
from config.wiring.parts import Parts
from console.procurations.api import ProcurationApi
from console.procurations.desk import ProcurationDesk
from console.procurations.pages import ProcurationPages
from console.staff.desk import StaffDesk


def pages_of_representatives(
    parts: Parts, sign_in: SignInPages, staff: StaffDesk, settings: Settings
) -> list[BaseRoute]:
    """A candidate's representative, and the desk of procurations."""
    render, tell = renderer(settings.contact), parts.problems.tell
    services = representative_services(settings.secret_keys, settings.public_url, settling.has_paid)
    representatives, procurations = (
        AccountRepresentatives(parts.db, services),
        ProcurationDesk(staff, services),
    )
    return [
        *RepresentativePages(sign_in, representatives, render, tell, STATIC, parts.programmes).routes(),
        *RepresentativeApi(parts.accounts, representatives).routes(),
        *ProcurationApi(procurations).routes(),
        *ProcurationPages(procurations, render, tell).routes(),
        *mailroom.routes(parts, staff, services, settings, render),
        *payments.routes(parts, staff, settings, render),
    ]
