"""The mailbox of accounts: pages and calls of their owners."""

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.mailbox.api import MessageApi
from casework.mailbox.pages import MessagePages
from casework.mailbox.services import mailbox_services
from config.settings import Settings
from config.wiring.parts import Parts
from server.rendering.templating import Render


def routes(parts: Parts, sign_in: SignInPages, render: Render, settings: Settings) -> list[BaseRoute]:
    """All of them, for the account a message is in."""
    services = mailbox_services(settings.secret_keys, settings.public_url)
    return [
        *MessagePages(services, sign_in, render).routes(),
        *MessageApi(parts.accounts, services).routes(),
    ]
