"""Where the desk of proclaimed days stands."""

from types import SimpleNamespace
from typing import Any

from config.assets import renderer
from config.wiring.proclaimed_days import proclaimed_day_routes
from console.proclaimed_days.api import ADDRESS
from console.proclaimed_days.pages import HERE


def test_its_pages_and_calls_are_routes() -> None:
    staff: Any = SimpleNamespace(db=None)
    tell: Any = None
    services: Any = None
    routes: Any = proclaimed_day_routes(staff, renderer(), tell, services)
    assert {route.path for route in routes} >= {HERE, ADDRESS, f"{ADDRESS}/{{day}}/confirm"}
