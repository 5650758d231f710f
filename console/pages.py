"""The operators' page: sign in, then one page that serves the day. French, whole without scripts.

The page refreshes itself (`static/operator.js` fetches `/operateur/jour` and exchanges the parts that changed; without
scripts a meta refresh does, which can be switched off). Its refreshes are one look that goes on: only the sign-in and
what is pressed go on the record. It fails soft where Redis is away: then the last figures stand.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.acts import AccountAct
from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.sessions import Session
from accounts.states import SessionRole
from console.bodies import PaceChange
from console.day import SPANS, AuditLine, DayPage, as_it_stands, audit_line, chosen, day_page, span_of
from console.states import ACTIONS, STANDS, Adjustment, done_words
from console.steering import Console, acting_as
from evidence import figures
from evidence.figures import DayFigures
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota import ledger, moves
from quota.draw_order import LONGEST_VALUE
from quota.period_bounds import LONGEST_NOTICE
from quota.periods import effective
from quota.states import BY_OPERATORS, Action, PeriodState
from quota.store import PERIOD, Period
from server.rendering import cookie_check
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body

HOME = "/operateur"

AUDIT_LINES = 12


class OperatorPages:
    """The handlers; each reads a request, asks the console, and renders one template or sends the browser on."""

    def __init__(self, console: Console, render: Render, tell: Tell) -> None:
        self.console, self.render, self.tell = console, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of the operators' page."""
        one = f"{HOME}/periodes/{{id}}"
        return [
            Route(HOME, self.home, methods=["GET"]),
            Route(f"{HOME}/connexion", self.sign_in, methods=["POST"]),
            Route(f"{HOME}/deconnexion", self.sign_out, methods=["POST"]),
            Route(f"{HOME}/jour", self.live, methods=["GET"]),
            Route(f"{one}/close", self.confirm_close, methods=["GET"]),
            Route(f"{one}/{{action}}", self.act, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """The day, or the sign-in."""
        operator = await self._operator(request)
        if operator is None:
            return self._sign_in_page(request, note=request.query_params.get("note", ""))
        return await self._page(request, operator, request.query_params.get("periode"))

    async def sign_in(self, request: Request) -> Response:
        """The form of the sign-in."""
        fields = await form_body(request)
        username, password = fields.get("username", ""), fields.get("password", "")
        try:
            if not username.strip() or not password:
                raise Refusal(Code.BAD_CREDENTIALS)
            cookie_check.require(request, fields)
            signed_in = await self.console.sign_in(
                request, username[:LONGEST_USERNAME], password[:LONGEST_SECRET]
            )
        except Unavailable:
            raise
        except Refusal as refusal:
            return self._sign_in_page(request, username=username[:LONGEST_USERNAME], refusal=refusal)
        response = RedirectResponse(HOME, 303)
        sessions.remember(response, self.console.accounts, signed_in)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session in this browser."""
        operator = await self._operator(request)
        if operator is not None:
            await sessions.sign_out(self.console.accounts, request, SessionRole.OPERATOR)
            await self.console.record(acting_as(operator), AccountAct.SIGN_OUT)
        response = RedirectResponse(f"{HOME}?note=fin", 303)
        sessions.forget(response, self.console.accounts, SessionRole.OPERATOR)
        return response

    async def live(self, request: Request) -> Response:
        """The parts of the page that change, for the script. Refusals not_signed_in, session_ended, not_allowed."""
        operator = await self.console.operator(request)
        periods = await self.console.db.read(moves.every)
        period = chosen(periods, request.query_params.get("periode"), now_ms())
        if period is None:
            raise Refusal(Code.NOT_FOUND)
        return self.render(
            request, "operator_live.html", **self._context(await self._day(request, period), operator)
        )

    async def confirm_close(self, request: Request) -> Response:
        """Asks before a period is closed: that cannot be taken back."""
        operator = await self._operator(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        period_id = request.path_params["id"]
        period = await self.console.db.read(lambda conn: ledger.period_by_id(conn, period_id))
        name = self._name(period)
        return self.render(request, "operator_close.html", period=period, name=name, operator=operator)

    async def act(self, request: Request) -> Response:
        """One pressed button; afterwards the page, with what was done or why it was not."""
        period_id, action = request.path_params["id"], request.path_params["action"]
        operator = await self._operator(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        fields = await form_body(request)
        try:
            await self._do(period_id, action, fields, acting_as(operator))
        except Unavailable:
            raise
        except Refusal as refusal:
            call = f"POST {request.url.path}"[:200]
            await self.console.record(acting_as(operator), audit.REFUSED, call=call, code=refusal.code)
            if refusal.code == Code.NOT_FOUND:
                raise
            return await self._page(request, operator, period_id, refusal, fields)
        return RedirectResponse(f"{HOME}?periode={period_id}&fait={action}", 303)

    async def _do(self, period_id: str, pressed: str, fields: Mapping[str, str], actor: Actor) -> None:
        """What one button does. Refusal not_found for a button that there is not."""
        if pressed in BY_OPERATORS:
            await self.console.move(period_id, Action(pressed), actor)
            return
        match pressed:
            case Adjustment.PACE:
                await self.console.pace(period_id, _pace(fields), actor)
            case Adjustment.NOTICE:
                await self.console.notice(period_id, fields.get("text", "").replace("\r\n", "\n"), actor)
            case Adjustment.CLEAR_NOTICE:
                await self.console.notice(period_id, None, actor)
            case Adjustment.VALUE:
                await self.console.value(period_id, fields.get("value", ""), actor)
            case Adjustment.ASK_PROOF | Adjustment.WAIVE_PROOF:
                await self.console.proof(period_id, pressed == Adjustment.ASK_PROOF, actor)
            case _:
                raise Refusal(Code.NOT_FOUND)

    async def _operator(self, request: Request) -> Session | None:
        """Who is at the desk, or None where nobody is: the page then shows its sign-in. Refusal not_allowed."""
        session = await sessions.current(self.console.accounts, request, SessionRole.OPERATOR)
        if session is not None:
            await self.console.admit(session, f"{request.method} {request.url.path}")
        return session

    def _sign_in_page(
        self, request: Request, username: str = "", refusal: Refusal | None = None, note: str = ""
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        status = 200 if words is None else words.status
        response = self.render(
            request, "operator_sign_in.html", status=status, username=username, refusal=words, note=note
        )
        if refusal is not None and "retry_after" in refusal.fields:
            response.headers["Retry-After"] = str(refusal.fields["retry_after"])
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="guichet"'
        return cookie_check.offer(request, response, secure=self.console.accounts.secure)

    async def _page(
        self,
        request: Request,
        operator: Session,
        period_id: str | None,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """The day page; after a refused call with its status, its reason, and what was typed."""
        periods = await self.console.db.read(moves.every)
        period = chosen(periods, period_id, now_ms())
        words = None if refusal is None else self.tell(refusal)
        context: dict[str, Any] = {
            "periods": periods, "refusal": words, "operator": operator, "typed": typed or {},
            "wrong": {} if refusal is None else {f["name"]: f["reason"] for f in refusal.fields.get("fields", [])},
            "done": done_words(request.query_params.get("fait", "")) if refusal is None else "",
            "is_still": "fixe" in request.query_params,
            "longest_value": LONGEST_VALUE, "longest_notice": LONGEST_NOTICE,
            "stands": {one.id: STANDS[effective(one, now_ms()).stand] for one in periods},
        }  # fmt: skip
        if period is None:
            return self.render(request, "operator_empty.html", **context)
        context |= self._context(await self._day(request, period), operator)
        return self.render(request, "operator.html", status=200 if words is None else words.status, **context)

    def _context(self, day: DayPage, operator: Session) -> dict[str, Any]:
        return {
            "day": day, "period": day.period, "name": self._name(day.period), "operator": operator,
            "stand_words": STANDS[day.stand], "action_words": ACTIONS, "spans": list(SPANS),
        }  # fmt: skip

    async def _day(self, request: Request, period: Period) -> DayPage:
        now = now_ms()
        span = span_of(request.query_params.get("depuis", ""), period, now)

        async def look(conn: AsyncConnection) -> tuple[list[DayFigures], list[AuditLine]]:
            found = await figures.thinned(conn, period.uid, span.since, span.step_ms)
            return found, await _audit(conn, period.uid, now)

        found, lines = await self.console.db.read(look)
        latest = as_it_stands(period, found, await self._in_line(period, effective(period, now).state), now)
        return day_page(period, span, found, latest, lines, self.console.notice_hours(period), now)

    async def _in_line(self, period: Period, state: PeriodState) -> tuple[int, int] | None:
        """Who waits now, present and parked. Fails soft: None where there is no line, or Redis is away."""
        if state not in (PeriodState.ARMED, PeriodState.OPEN):
            return None
        waited = await self.console.looks.look(period)
        return None if waited is None else (waited.snapshot.waiting, waited.snapshot.parked_count)

    def _name(self, period: Period) -> str:
        programme = self.console.programmes.get(period.programme)
        return period.programme if programme is None else programme.name


async def _audit(conn: AsyncConnection, uid: str, now: int) -> list[AuditLine]:
    a = audit.audit
    about = (a.c.subject_kind == PERIOD, a.c.subject_id == uid)
    newest = sa.select(a).where(*about).order_by(a.c.id.desc()).limit(AUDIT_LINES)
    return [
        audit_line(row.at, row.actor, row.act, msgspec.json.decode(row.after or "{}"), now)
        for row in await conn.execute(newest)
    ]


def _pace(fields: Mapping[str, str]) -> PaceChange:
    """The pace as it was typed. Refusal invalid."""
    return PaceChange(**{name: _number(name, fields.get(name, "")) for name in PaceChange.__struct_fields__})


def _number(name: str, text: str) -> int | None:
    """A number of a form, also with the spaces that people write into it. Empty means: as it is."""
    text = "".join(text.split())
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": "doit être un nombre entier"}])
    return int(text)


def routes(console: Console, render: Render, tell: Tell) -> list[BaseRoute]:
    """The operators' page."""
    return OperatorPages(console, render, tell).routes()
