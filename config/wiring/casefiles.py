"""The desk where agents examine files: its pages and its calls."""

from starlette.routing import BaseRoute

from casework.decisions.services import DecisionServices
from console.casefiles.api import CasefileApi
from console.casefiles.desk import CasefileDesk
from console.casefiles.pages import CasefilePages
from console.staff.desk import StaffDesk
from server.rendering.forms import Tell
from server.rendering.templating import Render


def routes(staff: StaffDesk, decisions: DecisionServices, render: Render, tell: Tell) -> list[BaseRoute]:
    """Everything of the desk's."""
    desk = CasefileDesk(staff, decisions)
    return [*CasefileApi(desk).routes(), *CasefilePages(desk, render, tell).routes()]
