"""`/calcul-de-delai`: a form whose answer is in its address, to be kept and sent on. Whole without scripts."""

from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from casework.deadlines.explained import long_day, steps
from foundation.calendar.closures import CALENDARS, CalendarKind, Closures, named_days
from foundation.calendar.holidays import closed_days
from foundation.calendar.spans import UNITS, Deadline
from foundation.errors import Refusal, Unavailable
from foundation.sql.database import Database
from publicsite.calculator.api import counted
from publicsite.calculator.typed import AskedText, read
from server.rendering.forms import Tell
from server.rendering.templating import Render

HERE = "/calcul-de-delai"


class CalculatorPages:
    """The handler."""

    def __init__(self, db: Database, render: Render, tell: Tell) -> None:
        self.db, self.render, self.tell = db, render, tell

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route(HERE, self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The form; with an answer where something was asked, or with what is to be corrected."""
        query = request.query_params
        typed = AskedText.of(query)
        if not set(AskedText.__struct_fields__) & set(query):
            return self._page(request, typed)
        try:
            found = await counted(self.db, read(typed))
        except Unavailable:
            raise
        except Refusal as refusal:
            errors = {one["name"]: one["reason"] for one in refusal.fields["fields"]}
            return self._page(request, typed, errors=errors, status=self.tell(refusal).status)
        return self._page(request, typed, found)

    def _page(
        self,
        request: Request,
        typed: AskedText,
        found: Deadline | None = None,
        *,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        return self.render(
            request, "calcul_de_delai.html", status=status, here=HERE, typed=typed, found=found, errors=errors or {},
            lines=[] if found is None else steps(found), units=UNITS, calendars=CALENDARS, long_day=long_day,
            years=[] if found is None else [(year, year_of(found.closures, year)) for year in years_of(found)],
        )  # fmt: skip


def years_of(found: Deadline) -> list[int]:
    """The years whose holidays are shown beside an answer: those of both ends."""
    return sorted({found.start.year, found.last_day.year})


def year_of(closures: Closures, year: int) -> list[tuple[date, str, bool]]:
    """The days of a year on which offices are closed, weekends apart: day, name, and whether it is to be confirmed."""
    named = dict(named_days(closures.kind, year))
    named |= {
        one.day: one.name for one in closures.proclaimed if one.day.year == year and not named.get(one.day)
    }
    unsure = set()
    if closures.kind is CalendarKind.PUBLIC_SERVICE:
        unsure = {day for day, one in closed_days(year).items() if one.to_confirm}
    shown = {day: name for day, name in named.items() if closures.why_closed(day) == name}
    return [(day, shown[day], day in unsure) for day in sorted(shown)]
