"""The record of acts and looks for operators: a page to read and filter, and the same as CSV (P16).

Reading it is a look, and taking it away as a file is an act; both are recorded before anything is shown.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from accounts.sessions import Session
from console.record import entries, spreadsheet
from console.record.entries import RecordFilter
from console.record.looks import PageLooks
from console.record.words import act_words, actor_words, entry_words
from console.steering import Console, acting_as
from console.typed import wrong_field
from foundation import audit
from foundation.clock import MONTREAL, now_ms, rfc3339
from foundation.errors import Refusal
from foundation.subjects import Subject
from quota import ledger, moves
from quota.periods import read_instant
from quota.store import PERIOD
from server.rendering.templating import Render

HOME = "/operateur"

RECORD = "/operateur/registre"

EXPORT = "export"
"""The act of taking the record away; `detail` says which part of it."""

A_PAGE = 50
"""Lines on one page."""

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
        await self.looks.saw(acting_as(operator), "registre")
        query = dict(request.query_params)
        actors, acts = await self.console.db.read(entries.names)
        periods = await self.console.db.read(moves.every)
        chosen, wrong = filter_of(query, {one.id: one.uid for one in periods}, actors)
        before = whole(query.get("avant", ""))
        found = await self.console.db.read(lambda conn: entries.newest(conn, chosen, A_PAGE + 1, before))
        now = now_ms()
        kept = {name: value for name, value in query.items() if name in FILTERS and value}
        more = kept | {"avant": str(found[A_PAGE - 1].id)} if len(found) > A_PAGE else None
        return self.render(
            request, "operator_record.html", status=422 if wrong else 200, operator=operator,
            lines=[entry_words(line, now) for line in found[:A_PAGE]], query=query, wrong=wrong,
            periods=[one.id for one in periods],
            actors=[(mark_of(name), actor_words(name)) for name in actors],
            acts=sorted(((act, act_words(act)) for act in acts), key=lambda pair: pair[1]),
            older=None if more is None else f"{RECORD}?{urlencode(more)}",
            newest=f"{RECORD}?{urlencode(kept)}" if before is not None else None,
            export=f"{RECORD}.csv?{urlencode(kept)}",
        )  # fmt: skip

    async def export(self, request: Request) -> Response:
        """The lines that the page's filter chooses, oldest first."""
        operator = await self.desk(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        query = dict(request.query_params)
        actors, _ = await self.console.db.read(entries.names)
        periods = await self.console.db.read(moves.every)
        chosen, wrong = filter_of(query, {one.id: one.uid for one in periods}, actors)
        if wrong:
            return RedirectResponse(f"{RECORD}?{urlencode(query)}", 303)
        return await self._send(operator, chosen)

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
        response = await self._send(operator, chosen)
        self.console.passes.give(request, response, operator)
        return response

    async def _uid(self, period_id: str | None) -> str | None:
        if not period_id:
            return None
        return (await self.console.db.read(lambda conn: ledger.period_by_id(conn, period_id))).uid

    async def _send(self, operator: Session, chosen: RecordFilter) -> Response:
        """The export itself is on the record first, and is the last line that it may hold."""
        now = now_ms()
        subject = None if chosen.period_uid is None else Subject(PERIOD, chosen.period_uid)
        instants = {name: getattr(chosen, name) for name in ("since", "until")}
        asked: dict[str, Any] = {name: rfc3339(at) for name, at in instants.items() if at is not None}
        asked |= {"only": chosen.act} if chosen.act else {}
        asked |= {"looks": True} if chosen.looks else {}

        async def record(conn: AsyncConnection) -> int:
            await audit.record(conn, acting_as(operator), EXPORT, subject, now, **asked)
            return await entries.last_id(conn)

        through = await self.console.db.write(record)

        async def rows() -> AsyncIterator[bytes]:
            yield spreadsheet.header().encode()
            async for some in entries.oldest_first(self.console.db, chosen, through):
                yield spreadsheet.lines(some).encode()

        name = f"registre-{datetime.fromtimestamp(now / 1000, MONTREAL):%Y-%m-%d-%Hh%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingResponse(
            rows(), media_type="text/csv; charset=utf-8; header=present", headers=headers
        )


FILTERS = ("periode", "qui", "acte", "du", "au", "consultations")
"""The fields of the page's filter."""


def filter_of(
    query: Mapping[str, str], uids: Mapping[str, str], actors: list[str]
) -> tuple[RecordFilter, dict[str, str]]:
    """The page's filter, and what of it cannot be read, as field and reason in French. Days are Montréal's, whole."""
    wrong: dict[str, str] = {}
    days: dict[str, int | None] = {"du": None, "au": None}
    for name in days:
        if text := query.get(name, ""):
            try:
                day = date.fromisoformat(text) + timedelta(days=name == "au")
                days[name] = round(datetime.combine(day, time(), MONTREAL).timestamp() * 1000)
            except (ValueError, OverflowError):
                wrong[name] = "doit être une date telle que 2026-06-13"
    period, who = query.get("periode", ""), query.get("qui", "")
    if period and period not in uids:
        wrong["periode"] = "aucune période ne porte ce nom"
    known = {mark_of(name): name for name in actors}
    if who and who not in known:
        wrong["qui"] = "personne de ce nom n’est au registre"
    chosen: dict[str, Any] = {"since": days["du"], "until": days["au"]}
    chosen |= {"period_uid": uids.get(period), "actor": known.get(who), "act": query.get("acte") or None}
    return RecordFilter(**chosen, looks="consultations" in query or query.get("acte") == audit.LOOK), wrong


def mark_of(name: str) -> str:
    """What stands for a person in an address: names do not go there (P11)."""
    return hashlib.sha256(f"registre {name}".encode()).hexdigest()[:12]


def whole(text: str) -> int | None:
    """A line's id in an address; nonsense is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


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
