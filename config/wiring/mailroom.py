"""The clerks' desk of the mailroom: its pages and its calls."""

from starlette.routing import BaseRoute

from accounts.representatives.services import RepresentativeServices
from casework.mailroom.services import mailroom_services
from casework.payments.services import payment_services
from config.settings import Settings
from config.wiring.parts import Parts
from console.mailroom.api import MailroomApi
from console.mailroom.daily_pages import DailyMailPages
from console.mailroom.desk import MailroomDesk
from console.mailroom.item_pages import MailItemPages
from console.mailroom.pages import MailroomPages
from console.mailroom.return_pages import MailReturnPages
from console.staff.desk import StaffDesk
from server.rendering.templating import Render


def routes(
    parts: Parts,
    staff: StaffDesk,
    representatives: RepresentativeServices,
    settings: Settings,
    render: Render,
) -> list[BaseRoute]:
    """Everything of the mailroom's."""
    payments = payment_services(parts.programmes, settings.secret_keys, representatives)
    desk = MailroomDesk(staff, mailroom_services(settings.secret_keys, payments))
    return [
        *MailroomApi(desk).routes(),
        *MailroomPages(desk, render, parts.problems.tell).routes(),
        *MailItemPages(desk, render, parts.problems.tell).routes(),
        *MailReturnPages(desk, render, parts.problems.tell).routes(),
        *DailyMailPages(desk, render).routes(),
    ]
