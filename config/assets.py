"""Templates and static files of all features, put together."""

import re
from functools import cache

from jinja2 import Environment

from server.rendering import templating
from server.rendering.contact import Contact
from server.rendering.static_files import StaticNames
from server.rendering.templating import Render

FEATURES = (
    "server",
    "accounts",
    "accounts.email_change",
    "accounts.invitations",
    "accounts.recovery",
    "accounts.second_factor",
    "accounts.visits",
    "accounts.own_account",
    "accounts.registration",
    "accounts.representatives",
    "waitingroom",
    "submission",
    "casework",
    "casework.checklists",
    "casework.decisions",
    "casework.file_page",
    "casework.amendments",
    "casework.mailbox",
    "casework.mailroom",
    "casework.deadlines",
    "casework.payments.card",
    "casework.withdrawal",
    "publicsite",
    "console",
    "config.rehearsal",
    "config.demo.mailbox",
)
"""The packages that bring templates or static files. A name stands in one of them only; a test holds it."""

BUNDLES = {
    "room-page.js": (
        "live_page.js",
        "device.js",
        "room_parts.js",
        "room_sound.js",
        "room_line.js",
        "room_door.js",
        "room.js",
    ),
    "session-page.js": ("live_page.js", "session_clock.js"),
    "file-page.js": ("live_page.js", "device.js", "file.js"),
}
"""What pages ask for as one file -> the files that it is made of, in this order."""

OF_THE_DAY = ("server", "waitingroom", "submission", "casework")
"""Whose pages a crowd sees."""

ALSO_OF_THE_DAY = ("accueil.html", "sign_in.html")
"""Single pages of other packages that it sees too."""

STATIC = StaticNames(FEATURES, BUNDLES)


@cache
def templates(contact: Contact | None = None) -> Environment:
    """The environment of all pages, made once a process."""
    return templating.environment(FEATURES, STATIC, contact)


def renderer(contact: Contact | None = None) -> Render:
    """The `Render` that all pages use."""
    return templating.Rendering(templates(contact) if contact else templates())


def prepare(contact: Contact | None = None) -> None:
    """Compile what a crowd sees: half a second that the first of it would wait for, and all behind them. Pages of
    weeks before and after are compiled when somebody asks for them."""
    made = templates(contact) if contact else templates()
    for name in (*templating.names_in(OF_THE_DAY), *ALSO_OF_THE_DAY):
        made.get_template(name)


@cache
def named() -> frozenset[str]:
    """The static files that the templates name."""
    made = templates()
    sources = (made.loader.get_source(made, name)[0] for name in made.list_templates()) if made.loader else ()
    return frozenset(
        name for source in sources for name in re.findall(r"[\"']([\w.-]+)[\"']\s*\|\s*static", source)
    )


def missing() -> list[str]:
    """Those that are not there now, or a part of them. It is looked at each time: a release may be half-copied."""
    return sorted(name for name in named() if not all(map(is_there, STATIC.parts(name))))


def is_there(name: str) -> bool:
    try:
        return STATIC.path(name).stat().st_size > 0
    except OSError:
        return False
