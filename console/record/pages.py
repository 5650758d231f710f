"""The record of acts and looks for operators: a page to read and filter, and the same as CSV (P16).

Reading it is a look, and taking it away as a file is an act; both are recorded before anything is shown.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.sessions import Session
from console.record import reading
from console.record.entries import RecordFilter
from console.record.looks import PageLooks
from console.steering import Console, acting_as
from console.typed import wrong_field
from foundation import audit
from foundation.errors import Refusal
from quota import ledger
from quota.periods import read_instant
from server.rendering.templating import Render

HOME = "/operateur"

RECORD = "/operateur/registre"

Desk = Callable[[Request], Awaitable[Session | None]]
"""Who is at the desk, or None where the page shows its sign-in."""


class RecordPages:
    """The handlers of the page and of both exports."""

    def __init__(self, console: Console, looks: PageLooks, desk: Desk, render: Render) -> None:
        self.console, self.looks, self.desk, self.render = console, looks, desk, render

    def routes(self) -> list[BaseRoute]:
        return [
            Route(RECORD, self.read, methods=["GET"]),
            Route(f"{RECORD}.csv", self.export, methods=["GET"]),
            Route("/api/v1/operator/audit.csv", self.export_api, methods=["GET"]),
        ]

    async def read(self, request: Request) -> Response:
        """The page, newest first. A filter that cannot be read is said, and then nothing is filtered by it."""
        operator = await self.desk(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        found = await reading.read(self.console.db, dict(request.query_params), RECORD)
        await self.looks.saw(acting_as(operator), "registre", found.subject)
        return self.render(
            request, "operator_record.html", status=422 if found.wrong else 200, operator=operator, **found.context
        )  # fmt: skip

    async def export(self, request: Request) -> Response:
        """The lines that the page's filter chooses, oldest first."""
        operator = await self.desk(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        query = dict(request.query_params)
        chosen, wrong = await reading.filtered(self.console.db, query)
        if wrong:
            return RedirectResponse(f"{RECORD}?{urlencode(query)}", 303)
        return await reading.exported(self.console.db, acting_as(operator), chosen)

    async def export_api(self, request: Request) -> Response:
        """`since`, `until` (instants), `period`, and `looks=1` for the looks too. Refusals not_found, invalid."""
        operator = await self.console.operator(request)
        query = request.query_params
        try:
            chosen = RecordFilter(
                period_uid=await self._uid(query.get("period")),
                since=_instant("since", query.get("since")),
                until=_instant("until", query.get("until")),
                looks=query.get("looks", "") in {"1", "true", "yes"},
            )
        except Refusal as refusal:
            what = f"GET {request.url.path}"
            await self.console.record(acting_as(operator), audit.REFUSED, call=what, code=refusal.code)
            raise
        response = await reading.exported(self.console.db, acting_as(operator), chosen)
        self.console.passes.give(request, response, operator)
        return response

    async def _uid(self, period_id: str | None) -> str | None:
        if not period_id:
            return None
        return (await self.console.db.read(lambda conn: ledger.period_by_id(conn, period_id))).uid


def _instant(name: str, text: str | None) -> int | None:
    if not text:
        return None
    try:
        return read_instant(text.replace(" ", "+"))  # a plus sign in an address is a space
    except (ValueError, OverflowError):
        raise wrong_field(name, "doit être un instant, tel que 2026-06-13T08:30:00-04:00") from None


def routes(console: Console, looks: PageLooks, desk: Desk, render: Render) -> list[BaseRoute]:
    """The record's page and exports."""
    return RecordPages(console, looks, desk, render).routes()
