"""Templates and static files of all features, put together."""

from functools import cache

from jinja2 import Environment

from server.rendering import templating
from server.rendering.contact import Contact
from server.rendering.static_files import StaticNames
from server.rendering.templating import Render

FEATURES = (
    "server",
    "accounts",
    "waitingroom",
    "submission",
    "casework",
    "publicsite",
    "console",
    "config.rehearsal",
)
"""The packages that bring templates or static files. A name stands in one of them only; a test holds it."""

STATIC = StaticNames(FEATURES)


@cache
def templates(contact: Contact | None = None) -> Environment:
    """The environment of all pages, made once a process."""
    return templating.environment(FEATURES, STATIC, contact)


def renderer(contact: Contact | None = None) -> Render:
    """The `Render` that all pages use."""
    return templating.rendering(templates(contact) if contact else templates())
