"""The desk of the mailroom is put together in one place."""

from typing import Any

from config.wiring import mailroom
from tests.support.desks import REPRESENTATIVES


def test_every_address_is_the_staffs() -> None:
    """Pages below `/personnel/courrier`, calls below `/api/v1/staff/mailroom`."""
    anything: Any = _AnyPart()
    settings: Any = _AnyPart()
    settings.secret_keys = ("clef",)
    routes: list[Any] = mailroom.routes(anything, anything, REPRESENTATIVES, settings, anything)
    assert len(routes) > 20
    assert all(route.path.startswith(("/personnel/courrier", "/api/v1/staff/mailroom")) for route in routes)


class _AnyPart:
    """Stands for the parts of a process: handlers are made of them, and ask nothing before they are called."""

    def __getattr__(self, name: str) -> Any:
        return {} if name == "programmes" else _AnyPart()
