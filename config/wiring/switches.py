"""Features that are switched on by date: staff's page and calls, and the effects of their tasks."""

from collections.abc import Mapping

from starlette.routing import BaseRoute

from casework.switches.telling import SwitchTask, telling, turning_on
from console.staff.desk import StaffDesk
from console.switches.api import SwitchApi
from console.switches.desk import SwitchDesk
from console.switches.pages import SwitchPages
from foundation.outbox import Effects
from quota.programmes import Programme
from server.rendering.forms import Tell
from server.rendering.templating import Render


def switch_routes(
    staff: StaffDesk, render: Render, tell: Tell, programmes: Mapping[str, Programme]
) -> list[BaseRoute]:
    """Its page and its calls."""
    desk = SwitchDesk(staff, programmes)
    return [*SwitchApi(desk).routes(), *SwitchPages(desk, render, tell).routes()]


def switch_effects() -> Effects:
    """What its tasks do."""
    return {SwitchTask.TURN_ON: turning_on(), SwitchTask.TELL: telling()}
