"""The desk of proclaimed days: its pages and its calls."""

from starlette.routing import BaseRoute

from casework.deadlines.services import DeadlineServices
from console.proclaimed_days.api import ProclaimedDayApi
from console.proclaimed_days.desk import ProclaimedDayDesk
from console.proclaimed_days.pages import ProclaimedDayPages
from console.staff.desk import StaffDesk
from server.rendering.forms import Tell
from server.rendering.templating import Render


def proclaimed_day_routes(
    staff: StaffDesk, render: Render, tell: Tell, services: DeadlineServices
) -> list[BaseRoute]:
    """The desk where a day is proclaimed: its pages and its calls."""
    desk = ProclaimedDayDesk(staff, services)
    return [*ProclaimedDayApi(desk).routes(), *ProclaimedDayPages(desk, render, tell).routes()]
