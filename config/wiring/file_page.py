"""The page of a file, `/dossiers/{number}`: which sections of which features it has, and in which order."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.amendments.sealing import AmendmentCipher
from casework.amendments.section import amendments_section
from casework.checklists.pages import ChecklistPages
from casework.checklists.section import list_section
from casework.deadlines.section import deadlines_section
from casework.decisions.section import decision_section
from casework.decisions.services import DecisionServices
from casework.file_page.pages import FilePages
from casework.file_page.sections import Section
from casework.mailroom.section import mail_section
from config.wiring.deadlines import SOURCES
from config.wiring.parts import Parts
from server.rendering.forms import Tell
from server.rendering.templating import Render


def sections(parts: Parts, decisions: DecisionServices) -> Sequence[Section]:
    """The sections, from top to bottom; a feature adds its own here, one a line."""
    return (
        decision_section(decisions),
        deadlines_section(SOURCES, parts.programmes),
        list_section(decisions.lists),
        mail_section,
        amendments_section(AmendmentCipher(parts.accounts.personal.amendments)),
    )


def routes(
    parts: Parts, sign_in: SignInPages, decisions: DecisionServices, render: Render, tell: Tell
) -> list[BaseRoute]:
    """The page, for the account a file belongs to, and what is done from it."""
    names = {id: programme.name for id, programme in parts.programmes.items()}
    files = FilePages(sign_in, render, names, sections(parts, decisions))
    return [*files.routes(), *ChecklistPages(files, decisions.lists, tell).routes()]
