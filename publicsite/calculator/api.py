"""`GET /api/v1/deadlines`: a last day and how it is found, for programs (`docs/contract.md`)."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.deadlines.explained import steps
from foundation.calendar.days import end_of_day
from foundation.calendar.proclaimed import closures
from foundation.calendar.spans import Deadline, PassedDay, deadline
from foundation.clock import rfc3339
from foundation.sql.database import Database
from publicsite.calculator.typed import Asked, AskedText, read
from server.responses import json_response

DEADLINES = "/api/v1/deadlines"


class CalculatorApi:
    """The handler; what is asked for is read and counted as on the page."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route(DEADLINES, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """200. Refusals invalid (with the fields), unavailable."""
        asked = read(AskedText.of(request.query_params))
        return json_response(shown(await counted(self.db, asked)))


async def counted(db: Database, asked: Asked) -> Deadline:
    """The deadline, with the days that are proclaimed at this moment. Fails closed: a wrong day is worse than none."""
    closed = await db.read(lambda conn: closures(conn, asked.calendar))
    return deadline(asked.start, asked.amount, asked.unit, closed)


def shown(found: Deadline) -> dict[str, Any]:
    """As programs read it. Days are dates; `ends_at` is the last second of the last day in Montréal, in UTC."""
    return {
        "start": found.start.isoformat(),
        "amount": found.amount,
        "unit": found.unit,
        "calendar": found.closures.kind,
        "last_day": found.last_day.isoformat(),
        "ends_at": rfc3339(end_of_day(found.last_day)),
        "counted_to": found.counted_to.isoformat(),
        "passed": _days(found.passed),
        "moved_over": _days(found.moved_over),
        "steps": steps(found),
    }


def _days(days: Iterable[PassedDay]) -> list[dict[str, str]]:
    return [{"day": one.day.isoformat(), "reason": one.why} for one in days]
