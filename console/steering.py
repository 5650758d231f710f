"""The operators' desk, as its API and its pages use it: who is at it, the moves by a period's public name, the record.

Nothing here decides; the moves and their refusals are `quota/moves/`'s. A move writes its audit line in its own
transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from accounts.acts import AccountAct
from accounts.operators.sign_in import sign_in_operator
from accounts.roles import Role
from accounts.services import AccountServices
from accounts.sessions import Session, SignedIn
from casework.payments import counts
from console.bodies import Arming, Move, PaceChange, PeriodCorrection
from console.gate import BEFORE, ReadinessGate, let_pass, read_reason, record_override
from console.kill_switch import KillSwitch, StopOutcome
from console.staff.desk import StaffDesk
from console.stop_pass import StopPasses
from console.typed import change_of, typed_opening, wrong_field
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms, parse_rfc3339, rfc3339
from foundation.errors import Code, Refusal, Unavailable
from foundation.sql.database import LONG_SECONDS
from foundation.subjects import Subject
from quota import annulment, approvals, frozen_rules, ledger
from quota.annulment import Annulment
from quota.draw import Rule
from quota.moves import operating, preparing
from quota.periods import flags_of
from quota.programmes import Programme
from quota.released import places
from quota.released.places import ReleasedPlaces
from quota.states import ENDED, Action, PeriodState
from quota.store import PERIOD, Period
from server.rendering.templating import weekday_instant
from server.requests import incoming
from submission.annulment import void
from waitingroom.line.looks import Looks
from waitingroom.line.stops import StopMarks, digest_of, new_mark
from waitingroom.period_cache import PeriodCache
from waitingroom.period_summary import summary

log = structlog.get_logger()

WHO_SECONDS = 0.25
"""The kill switch waits so long for SQL to say who is at the desk; then a pass says it (`stop_pass.py`)."""

Step = Callable[[AsyncConnection, Period], Awaitable[Period]]

MOVE = Move()
"""A move without a word."""

UNKNOWN_HOURS = 24 * 366

INSTANTS = frozenset(
    {
        "opens_at", "closes_at", "server_time", "paused_at", "ended_at", "ticked_at", "entries_from", "drawn_at",
        "annulled_at", "asked_at",
    }
)  # fmt: skip
"""Members of an answer that are instants."""

TAKE_TWO = ENDED - {PeriodState.ANNULLED}
"""To annul takes two people here."""

LINE_EXISTS = frozenset({PeriodState.ARMED, PeriodState.OPEN, *ENDED})
"""States in which there may be a line to look at; a look at an earlier one would begin its epoch."""


class Console:
    """What the API and the pages of the operators share: who calls, and the moves by the period's public name."""

    def __init__(
        self,
        accounts: AccountServices,
        programmes: Mapping[str, Programme],
        periods: PeriodCache,
        looks: Looks,
        marks: StopMarks,
        gate: ReadinessGate | None = None,
    ) -> None:
        self.accounts, self.programmes, self.db = accounts, programmes, accounts.db
        self.staff = StaffDesk(accounts)
        self.periods, self.looks = periods, looks
        self.marks = marks
        self.gate = gate or ReadinessGate(None)
        self.kill_switch, self.passes = KillSwitch(self.db, marks, periods.changed), StopPasses(accounts)

    async def operator(self, request: Request, *, is_poll: bool = False) -> Session:
        """Who is at the desk. Refusals not_signed_in, session_ended; not_allowed for a candidate, not_your_role for
        staff without an operator's role now.

        `is_poll` says that a page asks by itself: that is nobody at the desk.
        """
        return (await self.staff.member(request, Role.OPERATOR, is_poll=is_poll)).session

    async def admit(self, session: Session, call: str) -> None:
        """Let in a member of staff who is an operator now. Refusal not_your_role, on the record, for any other."""
        await self.staff.admit(session, call[:200], (Role.OPERATOR,))

    async def sign_in(self, request: Request, username: str, password: str, code: str | None) -> SignedIn:
        """Sign an operator in, on the record. Refusals rate_limited, bad_credentials, not_your_role."""
        signed_in = await sign_in_operator(self.accounts, incoming(request), username, password, code)
        await self.admit(signed_in.session, f"{request.method} {request.url.path}")
        missed = signed_in.session.missed
        detail = {} if missed is None else {"missed_tries": missed.tries}
        await self.record(acting_as(signed_in.session), AccountAct.SIGN_IN, **detail)
        return signed_in

    async def record(self, actor: Actor, act: str, **detail: Any) -> None:
        """One line of the audit for what is no move."""
        await self.db.write(lambda conn: audit.record(conn, actor, act, None, now_ms(), **detail))

    async def stop(self, request: Request, reason: str | None) -> StopOutcome:
        """The kill switch, pressed by whoever this request comes from (ADR 0023). Refusals of `operator`, not_found."""
        by = await self._stopping(request)
        mark = new_mark(request.path_params["id"], by, Role.OPERATOR, now_ms())
        outcome = await self.kill_switch.stop(mark, reason)
        log.warning("kill_switch", period=outcome.period_id, state=outcome.reached)
        return outcome

    async def _stopping(self, request: Request) -> str:
        """Who presses the kill switch: whoever is at the desk, or, where SQL does not say so soon, was at it lately."""
        asking = asyncio.ensure_future(self.operator(request))
        await asyncio.wait({asking}, timeout=WHO_SECONDS)
        by = self.passes.by(request)
        if by is None:
            return digest_of((await asking).username)
        if not asking.done():
            asking.add_done_callback(lambda late: late.cancelled() or late.exception())
            return by
        try:
            return digest_of(asking.result().username)
        except Unavailable:
            return by

    async def move(self, period_id: str, action: Action, actor: Actor, body: Move = MOVE) -> Period:
        """One of the operators' moves but for arming and annulling.

        Refusals not_found, move_not_allowed, not_ready, no_released_places; changed_meanwhile, but never for what stops
        people from coming or submitting.
        """
        now, seen = now_ms(), body.version
        steps: dict[Action, Step] = {
            Action.ANNOUNCE: lambda conn, period: preparing.announce(
                conn,
                period.uid,
                self.programme_of(period),
                actor,
                now,
                seen,
                count_deleted=counts.deleted_unpaid,
            ),
            Action.DISARM: lambda conn, period: operating.disarm(conn, period.uid, actor, now, seen),
            Action.PAUSE: lambda conn, period: operating.pause(conn, period.uid, actor, now),
            Action.RESUME: lambda conn, period: operating.resume(
                conn, period.uid, actor, now, body.notice, seen
            ),
            Action.SUSPEND: lambda conn, period: operating.suspend(conn, period.uid, actor, now),
            Action.CLOSE: lambda conn, period: operating.close(conn, period.uid, actor, now),
        }
        if action in BEFORE:
            return await self.gated(period_id, action, steps[action], actor, body.override_reason)
        return await self.step(period_id, steps[action])

    async def arm(self, period_id: str, body: Arming, actor: Actor) -> Period:
        """Let the schedule open it: the second person, who types cap and instant again.

        Refusals not_found, move_not_allowed, second_person_needed, retyped_differently, changed_meanwhile, not_ready;
        invalid where this process does not have the rules that were announced.
        """

        async def step(conn: AsyncConnection, period: Period) -> Period:
            window = self.programme_of(period).window
            typed = None if body.opens_at is None else typed_opening(body.opens_at, window)
            retyped = operating.Retyped(body.cap, typed)
            return await operating.arm(conn, period.uid, retyped, actor, now_ms(), body.version)

        return await self.gated(period_id, Action.ARM, step, actor, body.override_reason)

    async def annul(self, period_id: str, reason: str | None, actor: Actor) -> Period:
        """Take the period back. Refusals not_found, move_not_allowed, invalid; second_person_needed, and then what was
        asked for is kept."""

        async def work(conn: AsyncConnection) -> Annulment:
            period = await ledger.period_by_id(conn, period_id)
            return await annulment.annul(conn, period.uid, reason, actor, now_ms(), void)

        outcome = await self.db.write(work, LONG_SECONDS)
        await self.periods.changed(outcome.period)
        return outcome.done()

    async def correct(self, period_id: str, body: PeriodCorrection, actor: Actor) -> Period:
        """Change a draft. Refusals not_found, invalid, move_not_allowed, no_released_places, changed_meanwhile."""

        async def step(conn: AsyncConnection, period: Period) -> Period:
            programme = self.programme_of(period)
            for name in ("id", "programme"):
                if getattr(body, name) not in (None, getattr(period, name)):
                    raise wrong_field(
                        name, "ne se corrige pas : supprimez ce brouillon et faites-en un autre"
                    )
            change = change_of(body, programme.window)
            return await preparing.correct(
                conn, period.uid, programme, change, actor, now_ms(), version=body.version, reason=body.reason,
                count_deleted=counts.deleted_unpaid,
            )  # fmt: skip

        return await self.step(period_id, step)

    async def remove(self, period_id: str, version: int | None, actor: Actor) -> None:
        """Take a draft away. Refusals not_found, move_not_allowed, changed_meanwhile."""

        async def step(conn: AsyncConnection, period: Period) -> Period:
            await preparing.remove(conn, period.uid, actor, now_ms(), version)
            return period

        await self.step(period_id, step)

    async def pace(self, period_id: str, pace: PaceChange, actor: Actor) -> Period:
        """Refusals not_found, invalid, changed_meanwhile."""
        return await self.step(
            period_id,
            lambda conn, period: operating.set_pace(
                conn, period.uid, pace.calls_per_minute, pace.most_live_tokens, actor, now_ms(),
                pace.version, pace.reason,
            ),
        )  # fmt: skip

    async def notice(
        self, period_id: str, text: str | None, actor: Actor, version: int | None = None
    ) -> Period:
        """Put a notice on every waiting screen, or take it away (None). Refusals not_found, invalid,
        changed_meanwhile."""
        if text is None:
            return await self.step(
                period_id,
                lambda conn, period: operating.clear_notice(conn, period.uid, actor, now_ms(), version),
            )
        return await self.step(
            period_id,
            lambda conn, period: operating.set_notice(conn, period.uid, text, actor, now_ms(), version),
        )

    async def mode(self, period_id: str, rule: Rule, actor: Actor, version: int | None = None) -> Period:
        """Who is first, of a draft. Refusals not_found, invalid, move_not_allowed, changed_meanwhile."""
        return await self.step(
            period_id,
            lambda conn, period: preparing.set_rule(
                conn, period.uid, self.programme_of(period), rule, actor, now_ms(), version
            ),
        )

    async def value(self, period_id: str, value: str, actor: Actor, version: int | None = None) -> Period:
        """Record the public value of a draw. Refusals not_found, invalid, move_not_allowed, changed_meanwhile."""
        return await self.step(
            period_id,
            lambda conn, period: operating.set_value(conn, period.uid, value, actor, now_ms(), version),
        )

    async def proof(self, period_id: str, asked: bool, actor: Actor, version: int | None = None) -> Period:
        """Ask for a proof of work with each number, or no longer. Refusals not_found, changed_meanwhile."""
        return await self.step(
            period_id,
            lambda conn, period: operating.set_proof(conn, period.uid, asked, actor, now_ms(), version),
        )

    async def gated(
        self, period_id: str, action: Action, step: Step, actor: Actor, override_reason: str | None
    ) -> Period:
        """As `step`, for an act that waits for a ready installation (`gate.py`).

        Refusal not_ready comes last, when nothing else stands against the act; then nothing of it was done.
        """
        reason = read_reason(override_reason)
        period = await self.db.read(lambda conn: ledger.period_by_id(conn, period_id))
        results = await self.gate.results(period) if period.state == BEFORE[action] else []

        async def checked(conn: AsyncConnection, found: Period) -> Period:
            after = await step(conn, found)
            if (passed := let_pass(results, reason)) and reason is not None:
                await record_override(conn, found, actor, action, passed, reason, now_ms())
            return after

        return await self.step(period_id, checked)

    async def step(self, period_id: str, step: Step) -> Period:
        """Run one step on the period of this name, in one transaction. What was changed meanwhile is shown as it
        is."""

        async def work(conn: AsyncConnection) -> Period:
            return await step(conn, await ledger.period_by_id(conn, period_id))

        try:
            period = await self.db.write(work)
        except Refusal as refusal:
            if refusal.code == Code.CHANGED_MEANWHILE:
                now = await self.db.read(lambda conn: ledger.period_by_id(conn, period_id))
                refusal.fields["current"] = await self.shown(now)
            raise
        await self.periods.changed(period)
        return period

    def programme_of(self, period: Period) -> Programme:
        """The programme's file as this process has it, where a file is needed. Fails closed: Refusal invalid without
        it, and where it is not the one with which the period was announced."""
        programme = self.programmes.get(period.programme)
        if programme is None:
            raise wrong_field("programme", f"ce serveur ne connaît pas le programme « {period.programme} »")
        if frozen_rules.differs(period, self.programmes):
            raise wrong_field(
                "programme", "les règles de ce serveur ne sont pas celles qui ont été annoncées"
            )
        return programme

    def notice_hours(self, period: Period) -> int:
        """How long before its opening a period of this programme is announced (WR-18). Where the file is not known
        here, longer than any period waits: then it is not announced here at all."""
        programme = self.programmes.get(period.programme)
        return UNKNOWN_HOURS if programme is None else programme.window.notice_hours

    async def shown(self, period: Period, *, looking: bool = True) -> dict[str, Any]:
        """The period as operators see it: the public's view, and what steers it; `looking` at its line anew."""
        if looking and period.state in LINE_EXISTS:
            await self.looks.look(period)
        asked = await self._asked(period)
        paid = await self._counted(period)
        return in_montreal(self._shown(period) | {"annulment_asked": asked, "counted": paid})

    async def _asked(self, period: Period) -> dict[str, Any] | None:
        """The annulment that waits for a second person, where there may be one. Fails soft: none while SQL is away."""
        if period.state not in TAKE_TWO:
            return None
        subject = Subject(PERIOD, period.uid)
        try:
            asked = await self.db.read(lambda conn: approvals.waiting(conn, subject, Action.ANNUL, now_ms()))
        except Unavailable:
            return None
        if asked is None:
            return None
        return {"by": asked.author, "reason": asked.reason, "asked_at": rfc3339(asked.asked_at)}

    async def _counted(self, period: Period) -> int | None:
        """How many of the accepted are paid in time (QU-05). Fails soft: None while SQL is away."""
        if not period.accepted:
            return 0
        try:
            return await self.db.read(lambda conn: counts.counted(conn, period.uid))
        except Unavailable:
            return None

    async def released(self, programme: Programme) -> ReleasedPlaces | None:
        """The balance of a programme that offers the places of unpaid applications again; None for one that does not,
        and never did. Refusal unavailable."""
        found = await self.db.read(lambda conn: places.balance(conn, programme.id, counts.deleted_unpaid))
        return found if places.reopens(programme.payment) or found.released or found.offers else None

    def _shown(self, period: Period) -> dict[str, Any]:
        return summary(period, self.looks.last(period.uid), now_ms()) | {
            "version": period.edit_version,
            "stand": flags_of(period).stand,
            "announced_by": period.announced_by,
            "rules_digest": period.rules_digest,
            "reason": period.odd_reason,
            "voided": period.voided,
            "from_released": period.from_released,
            "held": period.held,
            "calls_per_minute": period.calls_per_minute,
            "most_live_tokens": period.most_live_tokens,
            "token_seconds": period.token_seconds,
            "paused_at": period.paused_at and rfc3339(period.paused_at),
            "ended_at": period.ended_at and rfc3339(period.ended_at),
            "ticked_at": rfc3339(period.ticked_at) if period.ticked_at else None,
        }


def in_montreal(shown: dict[str, Any]) -> dict[str, Any]:
    """The answer, with each of its instants also in Montréal time with its weekday, as `opens_at_local`."""
    found: dict[str, Any] = {}
    for name, value in shown.items():
        found[name] = in_montreal(value) if isinstance(value, dict) else value
        if name in INSTANTS:
            found[f"{name}_local"] = None if value is None else weekday_instant(parse_rfc3339(value))
    return found


def acting_as(operator: Session) -> Actor:
    """The operator as the audit names them."""
    return Actor(operator.username, Role.OPERATOR)
