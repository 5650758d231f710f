"""The page of a file, `/dossiers/{number}`: which sections of which features it has, and in which order."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.deadlines.section import deadlines_section
from casework.file_page.pages import FilePages
from casework.file_page.sections import Section
from config.wiring.deadlines import SOURCES
from config.wiring.parts import Parts
from server.rendering.templating import Render


def sections(parts: Parts) -> Sequence[Section]:
    """The sections, from top to bottom; a feature adds its own here, one a line."""
    return (deadlines_section(SOURCES, parts.programmes),)


def routes(parts: Parts, sign_in: SignInPages, render: Render) -> list[BaseRoute]:
    """The page, for the account a file belongs to."""
    names = {id: programme.name for id, programme in parts.programmes.items()}
    return FilePages(sign_in, render, names, sections(parts)).routes()
