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
from console.api import Console, PaceChange, acting_as
from console.chart import Chart, chart
from console.states import ACTIONS, AUDIT_WORDS, DONE, STANDS
from evidence import figures
from evidence.figures import DayFigures
from foundation import audit
from foundation.audit import Actor
from foundation.clock import montreal, now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota import ledger, moves
from quota.periods import Flags, effective, move
from quota.states import BY_OPERATORS, Action, PeriodAct, PeriodState
from quota.store import PERIOD, Period
from server.forms import Tell
from server.requests import form_body
from server.templating import Render, clocktime, number, weekday

HOME = "/operateur"

SPANS = {"15": (15 * 60_000, 4_000), "60": (3_600_000, 16_000), "240": (4 * 3_600_000, 60_000)}
"""What the graphs may show, by the minutes in the address: how long, and one point each so many milliseconds."""

SILENT_MS = 5_000
"""Ten beats of a ticker that was not heard: the page says so."""

AUDIT_LINES = 12

TABLE_ROWS = 15
"""Rows of the table that stands for the graphs."""


class AuditLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit as the page shows it."""

    when: str
    actor: str
    what: str
    detail: str


class DayPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows of one period at one instant. `span` is the minutes of the graphs, as in the address."""

    now: int
    period: Period
    stand: str
    allowed: list[Action]
    beat_seconds: int | None
    is_silent: bool
    latest: DayFigures
    charts: dict[str, Chart]
    table: list[DayFigures]
    lines: list[AuditLine]
    span: str
    times: list[str]


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
        period = _chosen(periods, request.query_params.get("periode"), now_ms())
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

    async def _do(self, period_id: str, action: str, fields: Mapping[str, str], actor: Actor) -> None:
        if action in BY_OPERATORS:
            await self.console.move(period_id, action, actor)
        elif action == "pace":
            wanted = PaceChange(
                **{name: _number(name, fields.get(name, "")) for name in PaceChange.__struct_fields__}
            )
            await self.console.pace(period_id, wanted, actor)
        elif action == "notice":
            await self.console.notice(period_id, fields.get("text", "").replace("\r\n", "\n"), actor)
        elif action == "value":
            await self.console.value(period_id, fields.get("value", ""), actor)
        elif action == "clear_notice":
            await self.console.notice(period_id, None, actor)
        elif action in ("ask_proof", "waive_proof"):
            await self.console.proof(period_id, action == "ask_proof", actor)
        else:
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
        return response

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
        period = _chosen(periods, period_id, now_ms())
        words = None if refusal is None else self.tell(refusal)
        context: dict[str, Any] = {
            "periods": periods, "refusal": words, "operator": operator, "typed": typed or {},
            "wrong": {} if refusal is None else {f["name"]: f["reason"] for f in refusal.fields.get("fields", [])},
            "done": DONE.get(request.query_params.get("fait", ""), "") if refusal is None else "",
            "is_still": "fixe" in request.query_params,
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
        span = request.query_params.get("depuis", "15")
        span = span if span in SPANS else "15"
        length_ms, step_ms = SPANS[span]
        until = min(now, period.ended_at or now)
        since = max(until - length_ms, min(period.opens_at, until - 60_000))
        flags = effective(period, now)

        async def look(conn: AsyncConnection) -> tuple[list[DayFigures], list[AuditLine]]:
            return await figures.thinned(conn, period.uid, since, step_ms), await _audit(
                conn, period.uid, now
            )

        found, lines = await self.console.db.read(look)
        beating = flags.state in (PeriodState.ARMED, PeriodState.OPEN) and period.ticked_at > 0
        silent_ms = max(0, now - period.ticked_at)
        return DayPage(
            now=now,
            period=period,
            stand=flags.stand,
            allowed=self._allowed(period, flags, now),
            beat_seconds=silent_ms // 1000 if beating else None,
            is_silent=(beating and silent_ms > SILENT_MS)
            or (flags.state == PeriodState.OPEN and not period.ticked_at),
            latest=await self._latest(period, flags.state, found, now),
            charts=_charts(period, found, since, until, 4 * step_ms),
            table=_every(found, TABLE_ROWS),
            lines=lines,
            span=span,
            times=[_hour(at) for at in (since, (since + until) // 2, until)],
        )

    async def _latest(self, period: Period, state: str, found: list[DayFigures], now: int) -> DayFigures:
        """How things stand now: the last row, with what the period's row and the line know better."""
        last = found[-1] if found else DayFigures(at=now)
        last = msgspec.structs.replace(last, live_tokens=period.live_tokens, accepted=period.accepted)
        waited = await self.console.room.look(period) if state in ("armed", "open") else None
        if waited is None:
            return last
        snapshot = waited.snapshot
        return msgspec.structs.replace(last, waiting=snapshot.waiting, parked=snapshot.parked_count)

    def _allowed(self, period: Period, flags: Flags, now: int) -> list[Action]:
        """The moves that would be made if they were pressed now."""
        hours = self.console.notice_hours(period)
        return [action for action in BY_OPERATORS if _would(flags, action, now, period.opens_at, hours)]

    def _name(self, period: Period) -> str:
        programme = self.console.programmes.get(period.programme)
        return period.programme if programme is None else programme.name


def _would(flags: Flags, action: Action, now: int, opens_at: int, notice_hours: int) -> bool:
    try:
        move(flags, action, now, opens_at, notice_hours)
    except Refusal:
        return False
    return True


def _chosen(periods: list[Period], period_id: str | None, now: int) -> Period | None:
    """The period of this name, or else the one that needs somebody most: open, then armed, announced, draft, ended."""
    order = ("open", "armed", "announced", "draft", "cap_reached", "closed")
    named = [period for period in periods if period.id == period_id]
    by_need = sorted(periods, key=lambda period: order.index(effective(period, now).state))
    return next(iter(named or by_need), None)


def _charts(period: Period, found: list[DayFigures], since: int, until: int, gap_ms: int) -> dict[str, Chart]:
    limits = {"waiting": None, "live_tokens": period.most_live_tokens, "accepted": period.cap}
    return {
        name: chart([(row.at, getattr(row, name)) for row in found], since, until, gap_ms, limit)
        for name, limit in limits.items()
    }


def _every(rows: list[DayFigures], most: int) -> list[DayFigures]:
    """At most so many of the rows, evenly, the newest first and always among them."""
    step = -(-len(rows) // most) or 1
    return rows[::-1][::step]


async def _audit(conn: AsyncConnection, uid: str, now: int) -> list[AuditLine]:
    a = audit.audit
    about = (a.c.subject_kind == PERIOD, a.c.subject_id == uid)
    newest = sa.select(a).where(*about).order_by(a.c.id.desc()).limit(AUDIT_LINES)
    return [
        AuditLine(
            when=_when(row.at, now),
            actor="le service" if row.actor == audit.SERVICE else row.actor,
            what=AUDIT_WORDS.get(row.act, row.act),
            detail=_detail(row.act, msgspec.json.decode(row.after or "{}")),
        )
        for row in await conn.execute(newest)
    ]


def _detail(act: str, after: dict[str, Any]) -> str:
    if act == PeriodAct.PACE:
        calls, live = number(after["calls_per_minute"]), number(after["most_live_tokens"])
        return f"{calls} appels par minute, {live} jetons au plus"
    if act == PeriodAct.NOTICE:
        return f"« {after['text']} »"
    if act in _SAID:
        return str(after[_SAID[act]])
    if act == PeriodAct.PROOF:
        return "demandée" if after["asked"] else "levée"
    return f"{number(after['cap'])} places" if act == PeriodAct.CREATE else ""


_SAID: dict[str, str] = {
    PeriodAct.VALUE: "value",
    PeriodAct.FREEZE: "entries",
    PeriodAct.COMMIT: "commitment",
}
"""Acts of a draw that are told by one of the values they set."""


def _hour(at: int) -> str:
    """`8 h 30`, in Montréal (WR-14)."""
    moment = montreal(at)
    return f"{moment.hour}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{moment:%M}"


def _when(at: int, now: int) -> str:
    """The time of day, to the second; before today, the day too."""
    if montreal(at).date() == montreal(now).date():
        return clocktime(at)
    return f"{weekday(at)}, {_hour(at)}"


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
