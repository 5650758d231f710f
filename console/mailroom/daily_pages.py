"""`/personnel/courrier/jour`: the daily list as a page, as CSV and as PDF; each taking away is on the record."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from accounts.identities import iso_date
from casework.letters import rendering
from casework.mailroom import daily
from casework.mailroom.states import INSTRUMENTS, KINDS, STATES
from casework.payments import cheques
from console.mailroom.desk import SEES, MailroomDesk
from console.mailroom.pages import HERE
from console.record import spreadsheet
from console.staff.desk import StaffMemberHere
from foundation import audit
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.money import dollars
from server.rendering.templating import Render, day_words

DAY: Final = f"{HERE}/jour"

FIRST_YEAR: Final = 2000
"""The service is younger."""

LAST_YEAR: Final = 2999

NO_DAY: Final = "Entrez une date telle que 2026-06-13."

MAIL_EXPORT: Final = "mail_export"
"""The act of taking a daily list away; `detail` has its day, its form and how many items."""


class DailyMailPages:
    """The handlers."""

    def __init__(self, desk: MailroomDesk, render: Render) -> None:
        self.desk, self.render = desk, render

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(DAY, self.page, methods=["GET"]),
            Route(f"{DAY}.csv", self.csv, methods=["GET"]),
            Route(f"{DAY}.pdf", self.pdf, methods=["GET"]),
            Route("/api/v1/staff/mailroom/daily.csv", self.csv_api, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """The list of a day, today's where none is asked for."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        await self.desk.looks.saw(member.actor, "liste du courrier")
        text = request.query_params.get("le", "")
        day, today = day_asked(text), day_of(now_ms())
        wrong = {"le": NO_DAY} if text and day is None else {}
        shown = day or today
        found = await self.desk.db.read(lambda conn: daily.of_day(conn, self.desk.services, shown))
        paid_back = await self.desk.db.read(lambda conn: cheques.of_day(conn, shown))
        return self.render(
            request, "staff_mail_day.html", status=422 if wrong else 200, member=member, here=HERE, le=shown,
            typed=text or shown.isoformat(), title=daily.title_of(shown), found=found, totals=daily.totals_of(found),
            errors=wrong, refusal=None, kinds=KINDS, states=STATES, instruments=INSTRUMENTS, day=day_words,
            dollars=dollars, cheques=paid_back.issued, compared=daily.compared(paid_back),
        )  # fmt: skip

    async def csv(self, request: Request) -> Response:
        """The same as a file for a spreadsheet, sent while it is read. Refusal invalid for a day that is none."""
        member = await self.desk.staff.at_page(request, *SEES)
        return member if isinstance(member, Response) else await self._csv(request, member)

    async def csv_api(self, request: Request) -> Response:
        """`le`: the day. Refusals not_signed_in, session_ended, not_allowed, not_your_role, invalid."""
        return await self._csv(request, await self.desk.staff.member(request, *SEES))

    async def _csv(self, request: Request, member: StaffMemberHere) -> Response:
        day = day_or_today(request)
        await self._took(member, day, "csv")
        db, services = self.desk.db, self.desk.services

        async def rows() -> AsyncIterator[bytes]:
            yield (spreadsheet.MARK + spreadsheet.line(daily.COLUMNS)).encode()
            some = await db.read(partial(daily.after, services=services, day=day, last=0))
            while some:
                last = some[-1].id
                lines = (spreadsheet.line(map(spreadsheet.cell, daily.cells_of(one))) for one in some)
                yield "".join(lines).encode()
                some = await db.read(partial(daily.after, services=services, day=day, last=last))
            paid_back = await db.read(partial(cheques.of_day, day=day))
            lines = (
                spreadsheet.line(map(spreadsheet.cell, daily.cheque_cells(one))) for one in paid_back.issued
            )
            yield "".join(lines).encode()

        headers = _headers(day, "csv")
        return StreamingResponse(
            rows(), media_type="text/csv; charset=utf-8; header=present", headers=headers
        )

    async def pdf(self, request: Request) -> Response:
        """The same as PDF, read back before it is sent. Refusal invalid for a day that is none."""
        member = await self.desk.staff.at_page(request, *SEES)
        if isinstance(member, Response):
            return member
        day, now = day_or_today(request), now_ms()
        await self._took(member, day, "pdf")
        found = await self.desk.db.read(lambda conn: daily.of_day(conn, self.desk.services, day))
        title = daily.title_of(day)
        paid_back = await self.desk.db.read(lambda conn: cheques.of_day(conn, day))
        content = daily.blocks_of(day, found, now, paid_back)
        pdf = await asyncio.to_thread(rendering.pdf_of, content, title, title, now)
        return Response(pdf, media_type="application/pdf", headers=_headers(day, "pdf"))

    async def _took(self, member: StaffMemberHere, day: date, form: str) -> None:
        """Taking a list away is an act, on the record before anything is sent."""

        async def record(conn: AsyncConnection) -> None:
            await audit.record(
                conn, member.actor, MAIL_EXPORT, None, now_ms(), day=day.isoformat(), form=form
            )

        await self.desk.db.write(record)


def day_asked(text: str) -> date | None:
    """The day in an address; None where it cannot be read, or is of no year that we know the days of."""
    day = iso_date(text[:20])
    return day if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR else None


def day_or_today(request: Request) -> date:
    """The day of a list that is taken away. Refusal invalid for what is none: another day's list would be taken for
    it."""
    text = request.query_params.get("le", "")
    day = day_asked(text) if text else day_of(now_ms())
    if day is None:
        raise Refusal(Code.INVALID, fields=[{"name": "le", "reason": NO_DAY}])
    return day


def _headers(day: date, form: str) -> dict[str, str]:
    name = f"courrier-{day.isoformat()}.{form}"
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
