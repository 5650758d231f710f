"""The operators' page: sign in, then one page that serves the day. French, whole without scripts.

The page refreshes itself (`static/operator.js` fetches `/operateur/jour` and exchanges the parts that changed; without
scripts a meta refresh does, which can be switched off). Its refreshes are one look that goes on, recorded once in ten
minutes. It fails soft where Redis is away: then the last figures stand.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.acts import AccountAct
from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.sessions import Session
from accounts.states import SessionRole, StaffTotp
from casework.payments import counts
from console import stop_pass
from console.bodies import Arming, Move, PaceChange
from console.conflict import differences
from console.day import (
    SPANS,
    DayPage,
    Surrounding,
    as_it_stands,
    chosen,
    day_page,
    is_stoppable,
    span_of,
)  # fmt: skip
from console.forecast_pages import NEXT, ForecastPages
from console.record import pages as record
from console.record.entries import RecordedAct, RecordFilter, newest
from console.record.looks import PageLooks
from console.record.words import entry_words
from console.staff.desk import OWN_ACCESS
from console.staff.told import others_changes
from console.states import ACTIONS, STANDS, Adjustment, Reached, done_words
from console.steering import Console, acting_as
from evidence import figures
from evidence.figures import DayFigures
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from foundation.subjects import Subject
from quota import approvals, ledger
from quota.approvals import Approval
from quota.draw_order import LONGEST_VALUE
from quota.frozen_rules import differing, name_of
from quota.period_bounds import LONGEST_NOTICE, LONGEST_REASON
from quota.periods import effective
from quota.states import BY_OPERATORS, RUNNING, Action, PeriodState
from quota.store import PERIOD, Period
from server.rendering import cookie_check
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body
from waitingroom.line import restorations
from waitingroom.line.restorations import Restoration

HOME = "/operateur"

NEWEST_LINES = 12


class OperatorPages:
    """The handlers; each reads a request, asks the console, and renders one template or sends the browser on."""

    def __init__(self, console: Console, render: Render, tell: Tell) -> None:
        self.console, self.render, self.tell = console, render, tell
        self.looks = PageLooks(console.db)
        self.forecast = ForecastPages(console, self.looks, self.operator, render, tell)

    def routes(self) -> list[BaseRoute]:
        """Every route of the operators' page."""
        one = f"{HOME}/periodes/{{id}}"
        return [
            Route(HOME, self.home, methods=["GET"]),
            Route(f"{HOME}/connexion", self.sign_in, methods=["POST"]),
            Route(f"{HOME}/deconnexion", self.sign_out, methods=["POST"]),
            Route(f"{HOME}/jour", self.live, methods=["GET"]),
            Route(f"{one}/close", self.confirm_close, methods=["GET"]),
            Route(f"{one}/stop", self.stop, methods=["POST"]),
            Route(f"{one}/annul", self.confirm_annul, methods=["GET"]),
            Route(f"{one}/{{action}}", self.act, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """The day, or the sign-in."""
        try:
            operator = await self.operator(request)
            if operator is None:
                # A cookie without a session: one that is over.
                ended = sessions.shown(request, SessionRole.OPERATOR) is not None
                return self._sign_in_page(
                    request, note=request.query_params.get("note", "session" if ended else "")
                )
            response = await self._page(request, operator, request.query_params.get("periode"))
        except Unavailable:
            if self.console.passes.by(request) is None:
                raise
            return await self._only_stop(request)
        except Refusal as refusal:
            if refusal.code == Code.SECOND_FACTOR_MISSING:
                return RedirectResponse(OWN_ACCESS, 303)
            raise
        self.console.passes.give(request, response, operator)
        return response

    async def sign_in(self, request: Request) -> Response:
        """The form of the sign-in."""
        fields = await form_body(request)
        username, password = fields.get("username", ""), fields.get("password", "")
        try:
            if not username.strip() or not password:
                raise Refusal(Code.BAD_CREDENTIALS)
            cookie_check.require(request, fields)
            signed_in = await self.console.sign_in(
                request, username[:LONGEST_USERNAME], password[:LONGEST_SECRET], fields.get("code")
            )
        except Unavailable:
            raise
        except Refusal as refusal:
            return self._sign_in_page(request, username=username[:LONGEST_USERNAME], refusal=refusal)
        response = RedirectResponse(HOME, 303)
        sessions.remember(response, self.console.accounts, signed_in)
        self.console.passes.give_new(request, response, signed_in)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session in this browser."""
        operator = await self.operator(request)
        if operator is not None:
            await sessions.sign_out(self.console.accounts, request, SessionRole.OPERATOR)
            await self.console.record(acting_as(operator), AccountAct.SIGN_OUT)
        response = RedirectResponse(f"{HOME}?note=fin", 303)
        sessions.forget(response, self.console.accounts, SessionRole.OPERATOR)
        stop_pass.forget(response, secure=self.console.accounts.secure)
        return response

    async def live(self, request: Request) -> Response:
        """The parts of the page that change, for the script. Refusals as `Console.operator`, not_found."""
        # The script says when somebody moved at the desk since it asked last; by itself it keeps no session awake.
        is_poll = request.query_params.get("presence") != "1"
        operator = await self.console.operator(request, is_poll=is_poll)
        periods = await self.console.db.read(ledger.every)
        period = chosen(periods, request.query_params.get("periode"), now_ms())
        if period is None:
            raise Refusal(Code.NOT_FOUND)
        context = self._context(await self._day(request, period, operator), operator)
        response = self.render(request, "operator_live.html", **context)
        self.console.passes.give(request, response, operator)
        return response

    async def confirm_close(self, request: Request) -> Response:
        """Asks before a period is closed: that cannot be taken back."""
        operator = await self.operator(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        period_id = request.path_params["id"]
        period = await self.console.db.read(lambda conn: ledger.period_by_id(conn, period_id))
        name = self._name(period)
        return self.render(request, "operator_close.html", period=period, name=name, operator=operator)

    async def confirm_annul(self, request: Request) -> Response:
        """Asks before a period is taken back, and why: everybody will read it."""
        operator = await self.operator(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        return await self._annul_page(request, operator)

    async def _annul_page(
        self,
        request: Request,
        operator: Session,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        async def read(conn: AsyncConnection) -> tuple[Period, Approval | None]:
            period = await ledger.period_by_id(conn, request.path_params["id"])
            subject = Subject(PERIOD, period.uid)
            return period, await approvals.waiting(conn, subject, Action.ANNUL, now_ms())

        period, asked = await self.console.db.read(read)
        words = None if refusal is None else self.tell(refusal)
        return self.render(
            request, "operator_annul.html", status=200 if words is None else words.status, period=period,
            name=self._name(period), operator=operator, refusal=words, asked=asked, typed=typed or {},
            is_running=effective(period, now_ms()).state in RUNNING, longest_reason=LONGEST_REASON,
            wrong={} if refusal is None else {f["name"]: f["reason"] for f in refusal.fields.get("fields", [])},
        )  # fmt: skip

    async def act(self, request: Request) -> Response:
        """One pressed button; afterwards the page, with what was done or why it was not."""
        period_id, action = request.path_params["id"], request.path_params["action"]
        operator = await self.operator(request)
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
            if action in NEXT.values():
                return await self.forecast.page(request, operator, refusal, fields)
            if action == Action.ANNUL:
                return await self._annul_page(request, operator, refusal, fields)
            return await self._page(request, operator, period_id, refusal, fields)
        return RedirectResponse(f"{HOME}?periode={period_id}&fait={action}", 303)

    async def stop(self, request: Request) -> Response:
        """The kill switch; afterwards the day, or, where a store was not reached, what that means."""
        period_id = request.path_params["id"]
        fields = await form_body(request)
        try:
            outcome = await self.console.stop(request, fields.get("reason"))
        except Refusal as refusal:
            if refusal.code in (Code.NOT_SIGNED_IN, Code.SESSION_ENDED):
                return RedirectResponse(f"{HOME}?note=session", 303)
            raise
        if outcome.reached is Reached.BOTH:
            return RedirectResponse(f"{HOME}?periode={period_id}&fait=stop", 303)
        is_stopped = outcome.reached is not Reached.NEITHER
        return self.render(
            request, "operator_stopped.html", status=200 if is_stopped else 503, outcome=outcome,
            words=outcome.words(), is_stopped=is_stopped,
        )  # fmt: skip

    async def _only_stop(self, request: Request) -> Response:
        """The day while SQL is away, for whoever was at the desk lately: nothing but the kill switch."""
        now = now_ms()
        periods = [one for one in await self.console.periods.public() if is_stoppable(one, now)]
        response = self.render(request, "operator_stop.html", status=503, periods=periods)
        response.headers["Retry-After"] = "5"
        return response

    async def _do(self, period_id: str, pressed: str, fields: Mapping[str, str], actor: Actor) -> None:
        """What one button does. Refusal not_found for a button that there is not."""
        version = number_typed("version", fields.get("version", ""))
        match pressed:
            case Action.ARM:
                cap = number_typed("cap", fields.get("cap", ""))
                arming = Arming(
                    cap=cap, opens_at=fields.get("opens_at", "").strip() or None, version=version,
                    override_reason=text_typed(fields, "override_reason") or None,
                )  # fmt: skip
                await self.console.arm(period_id, arming, actor)
            case Action.ANNUL:
                await self.console.annul(period_id, text_typed(fields, "reason"), actor)
            case Adjustment.PACE:
                await self.console.pace(period_id, _pace(fields), actor)
            case Adjustment.NOTICE:
                await self.console.notice(period_id, text_typed(fields, "text"), actor, version)
            case Adjustment.CLEAR_NOTICE:
                await self.console.notice(period_id, None, actor, version)
            case Adjustment.VALUE:
                await self.console.value(period_id, fields.get("value", ""), actor, version)
            case Adjustment.ASK_PROOF | Adjustment.WAIVE_PROOF:
                await self.console.proof(period_id, pressed == Adjustment.ASK_PROOF, actor, version)
            case _ if pressed in BY_OPERATORS:
                await self.console.move(
                    period_id,
                    Action(pressed),
                    actor,
                    Move(version=version, override_reason=text_typed(fields, "override_reason") or None),
                )
            case _:
                raise Refusal(Code.NOT_FOUND)

    async def operator(self, request: Request) -> Session | None:
        """Who is at the desk, or None where nobody is: the page then shows its sign-in. Refusal not_your_role."""
        # Without scripts the page comes again by itself, and says so.
        is_poll = request.query_params.get("auto") == "1"
        session = await sessions.current(
            self.console.accounts, request, SessionRole.OPERATOR, is_poll=is_poll
        )
        if session is not None:
            await self.console.admit(session, f"{request.method} {request.url.path}")
        return session

    def _sign_in_page(
        self, request: Request, username: str = "", refusal: Refusal | None = None, note: str = ""
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        status = 200 if words is None else words.status
        response = self.render(
            request, "operator_sign_in.html", status=status, username=username, refusal=words, note=note,
            code_required=self.console.accounts.staff_totp is StaffTotp.REQUIRED,
        )  # fmt: skip
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
        periods = await self.console.db.read(ledger.every)
        period = chosen(periods, period_id, now_ms())
        words = None if refusal is None else self.tell(refusal)
        context: dict[str, Any] = {
            "periods": periods, "refusal": words, "operator": operator,
            "warns_no_code": not operator.has_code and self.console.accounts.staff_totp is StaffTotp.OPTIONAL,
            "changes": await self.console.db.read(lambda conn: others_changes(conn, operator)),
            "typed": typed or {},
            "wrong": {} if refusal is None else {f["name"]: f["reason"] for f in refusal.fields.get("fields", [])},
            "done": done_words(request.query_params.get("fait", "")) if refusal is None else "",
            "is_still": "fixe" in request.query_params,
            "longest_value": LONGEST_VALUE, "longest_notice": LONGEST_NOTICE,
            "differences": differences(typed or {}, period)
            if period is not None and refusal is not None and refusal.code == Code.CHANGED_MEANWHILE
            else [],
            "differing": differing(periods, self.console.programmes),
            "stands": {one.id: STANDS[effective(one, now_ms()).stand] for one in periods},
        }  # fmt: skip
        if period is None:
            return self.render(request, "operator_empty.html", **context)
        context |= self._context(await self._day(request, period, operator), operator)
        programme = self.console.programmes.get(period.programme)
        context["released"] = None if programme is None else await self.console.released(programme)
        return self.render(request, "operator.html", status=200 if words is None else words.status, **context)

    def _context(self, day: DayPage, operator: Session) -> dict[str, Any]:
        return {
            "day": day, "period": day.period, "name": self._name(day.period), "operator": operator,
            "stand_words": STANDS[day.stand], "action_words": ACTIONS, "spans": list(SPANS),
        }  # fmt: skip

    async def _day(self, request: Request, period: Period, operator: Session) -> DayPage:
        now = now_ms()
        await self.looks.saw(acting_as(operator), "journée", Subject(PERIOD, period.uid))
        span = span_of(request.query_params.get("depuis", ""), period, now)

        async def look(
            conn: AsyncConnection,
        ) -> tuple[list[DayFigures], list[RecordedAct], list[Restoration], Approval | None, int]:
            found = await figures.thinned(conn, period.uid, span.since, span.step_ms)
            acts = await newest(conn, RecordFilter(period_uid=period.uid), NEWEST_LINES)
            asked = await approvals.waiting(conn, Subject(PERIOD, period.uid), Action.ANNUL, now)
            paid = await counts.counted(conn, period.uid)
            return found, acts, await restorations.standing(conn, period.uid), asked, paid

        found, acts, lost, asked, paid = await self.console.db.read(look)
        lines = [entry_words(act, now) for act in acts]
        latest = as_it_stands(period, found, await self._in_line(period, effective(period, now).state), now)
        around = self._around(period, asked, now)
        hours = self.console.notice_hours(period)
        return day_page(period, span, found, latest, lines, hours, now, lost, around, paid)

    def _around(self, period: Period, asked: Approval | None, now: int) -> Surrounding:
        look = self.console.looks.last(period.uid)
        return Surrounding(
            line_expected=effective(period, now).state in (PeriodState.ARMED, PeriodState.OPEN),
            line_age=None if look is None else look.age_seconds(),
            annulment_asked_by=None if asked is None else asked.author,
            has_stop_mark=self.console.marks.stands(period.id),
        )

    async def _in_line(self, period: Period, state: PeriodState) -> tuple[int, int] | None:
        """Who waits now, present and parked. Fails soft: None where there is no line, or Redis is away."""
        if state not in (PeriodState.ARMED, PeriodState.OPEN):
            return None
        waited = await self.console.looks.look(period)
        return None if waited is None else (waited.snapshot.waiting, waited.snapshot.parked_count)

    def _name(self, period: Period) -> str:
        programme = self.console.programmes.get(period.programme)
        return name_of(period, {} if programme is None else {programme.id: programme.name})


def _pace(fields: Mapping[str, str]) -> PaceChange:
    """The pace as it was typed. Refusal invalid."""
    numbers = ("calls_per_minute", "most_live_tokens", "version")
    typed = {name: number_typed(name, fields.get(name, "")) for name in numbers}
    return PaceChange(**typed, reason=text_typed(fields, "reason") or None)


def text_typed(fields: Mapping[str, str], name: str) -> str:
    """A text of a form, with the ends of its lines as everywhere else."""
    return fields.get(name, "").replace("\r\n", "\n")


def number_typed(name: str, text: str) -> int | None:
    """A number of a form, also with the spaces that people write into it. Empty means: as it is."""
    text = "".join(text.split())
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": "doit être un nombre entier"}])
    return int(text)


def routes(console: Console, render: Render, tell: Tell) -> list[BaseRoute]:
    """The operators' pages: the day, and the record."""
    day = OperatorPages(console, render, tell)
    return [*day.routes(), *day.forecast.routes(), *record.routes(console, day.looks, day.operator, render)]
