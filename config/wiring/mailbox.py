"""The mailbox of accounts: pages and calls of their owners, and the desks where staff write to them."""

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.mailbox.api import MessageApi
from casework.mailbox.pages import MessagePages
from casework.mailbox.services import mailbox_services
from config.settings import Settings
from config.wiring.parts import Parts
from console.broadcasts.api import BroadcastApi
from console.broadcasts.desk import BroadcastDesk
from console.broadcasts.pages import BroadcastPages
from console.messages.pages import MessageWritingPages
from console.staff.desk import StaffDesk
from server.rendering.templating import Render


def routes(parts: Parts, sign_in: SignInPages, render: Render, settings: Settings) -> list[BaseRoute]:
    """All of them, for the account a message is in."""
    services = mailbox_services(settings.secret_keys, settings.public_url)
    return [
        *MessagePages(services, sign_in, render).routes(),
        *MessageApi(parts.accounts, services).routes(),
    ]


def desks(parts: Parts, staff: StaffDesk, render: Render, settings: Settings) -> list[BaseRoute]:
    """Where staff write to many, and to one."""
    services = mailbox_services(settings.secret_keys, settings.public_url)
    broadcasts = BroadcastDesk(staff, services, parts.programmes)
    tell = parts.problems.tell
    return [
        *BroadcastApi(broadcasts).routes(),
        *BroadcastPages(broadcasts, render, tell).routes(),
        *MessageWritingPages(staff, services, render, tell).routes(),
    ]
