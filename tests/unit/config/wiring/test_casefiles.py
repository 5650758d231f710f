"""The desk of files has its pages and its calls."""

from typing import Any

from starlette.routing import Route

from config.assets import renderer
from config.wiring import casefiles
from tests.support.casework.lists import DECISIONS


class _Staff:
    """What a desk asks of the staff's before the first request."""

    db = None


def test_pages_and_calls_stand_side_by_side() -> None:
    staff: Any = _Staff()
    nothing: Any = None
    paths = {
        route.path
        for route in casefiles.routes(staff, DECISIONS, renderer(), nothing)
        if isinstance(route, Route)
    }
    assert {"/agent/etude", "/api/v1/files", "/api/v1/files/{number}/decision"} <= paths
