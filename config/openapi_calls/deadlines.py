"""The public call of the calculator of deadlines, and what it answers."""

from typing import Any, Final

from config.openapi_calls.shape import Call
from config.openapi_schemas import INSTANT, NUMBER, TEXT, record
from foundation.calendar.closures import CalendarKind
from foundation.calendar.spans import MOST, SpanUnit
from foundation.errors import Code
from publicsite.calculator import api

ADDRESS: Final = api.DEADLINES

DAY: Final = {"type": "string", "format": "date", "description": "a day in Montréal"}

DEADLINES: Final = (
    Call(
        "get",
        ADDRESS,
        "The last day of a span, and how it is found.",
        {200: "CountedDeadline"},
        codes=(Code.INVALID,),
    ),
)

DEADLINE_QUERY: Final[list[dict[str, Any]]] = [
    {
        "name": "start",
        "in": "query",
        "required": True,
        "schema": DAY,
        "description": "the day that is not counted",
    },
    {
        "name": "amount",
        "in": "query",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": max(MOST.values())},
        "description": "how many of the unit",
    },
    {"name": "unit", "in": "query", "required": False, "schema": {"enum": list(SpanUnit)}},
    {"name": "calendar", "in": "query", "required": False, "schema": {"enum": list(CalendarKind)}},
]

_PASSED: Final = {"type": "array", "items": record(day=DAY, reason=TEXT)}

ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "CountedDeadline": record(
        start=DAY,
        amount=NUMBER,
        unit={"enum": list(SpanUnit)},
        calendar={"enum": list(CalendarKind)},
        last_day=DAY,
        ends_at=INSTANT,
        counted_to=DAY,
        passed=_PASSED,
        moved_over=_PASSED,
        steps={"type": "array", "items": TEXT},
    )
}
