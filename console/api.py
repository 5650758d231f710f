"""The operators' console: its API (`docs/contract.md`, Operator), and who may call it.

Every call is in the audit log with who, when and what: a move writes its own line in its own transaction, a look and a
refused call get one here. Nothing here decides; the moves and their refusals are `quota/moves.py`'s.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import accommodations, roles, sessions
from accounts.acts import AccountAct
from accounts.candidates import LONGEST_SECRET, LONGEST_USERNAME
from accounts.roles import HolderKind, Role
from accounts.services import AccountServices
from accounts.sessions import Session, SignedIn
from accounts.staff import sign_in_operator
from accounts.states import SessionRole
from evidence import figures
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal, Unavailable
from quota import ledger, moves, programmes
from quota.draw import Rule
from quota.periods import read_instant
from quota.programmes import Programme
from quota.store import Period
from server.requests import incoming, json_body
from waitingroom.room import Room

Handler = Callable[[Request, Session], Awaitable[Response]]

Step = Callable[[AsyncConnection, Period], Awaitable[Period]]

LINE_EXISTS = frozenset({"armed", "open", "cap_reached", "closed"})
"""States in which there may be a line to look at; a look at an earlier one would begin its epoch."""


class OperatorSignIn(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/session`."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    password: Annotated[str, Meta(max_length=LONGEST_SECRET)]


class PeriodDraft(msgspec.Struct, frozen=True):
    """Body of `POST /api/v1/operator/periods`. What is left out is the programme's."""

    id: str
    programme: str
    opens_at: str
    closes_at: str | None = None
    cap: int | None = None
    calls_per_minute: int | None = None
    most_live_tokens: int | None = None
    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None


class ModeChange(msgspec.Struct, frozen=True):
    """Body of `PUT .../mode`: who is first. What is left out is the programme's."""

    mode: str | None = None
    entries_from: str | None = None
    value_is: str | None = None


class PublicValue(msgspec.Struct, frozen=True):
    """Body of `PUT .../value`: the public value of a draw."""

    value: str


class PaceChange(msgspec.Struct, frozen=True):
    """Body of `PATCH .../pace`."""

    calls_per_minute: int | None = None
    most_live_tokens: int | None = None


class AccommodationGrant(msgspec.Struct, frozen=True):
    """Body of `PUT /api/v1/operator/accommodations`. The user name is in no address."""

    username: Annotated[str, Meta(max_length=LONGEST_USERNAME)]
    factor: float


class NoticeText(msgspec.Struct, frozen=True):
    """Body of `PUT .../notice`."""

    text: str


class Console:
    """What the API and the pages of the operators share: who calls, and the moves by the period's public name."""

    def __init__(self, accounts: AccountServices, programmes: Mapping[str, Programme], room: Room) -> None:
        self.accounts, self.programmes, self.room, self.db = accounts, programmes, room, accounts.db

    async def operator(self, request: Request) -> Session:
        """Who is at the desk. Refusals not_signed_in, session_ended; not_allowed without the role of an operator
        now."""
        try:
            session = await sessions.required(self.accounts, request, SessionRole.OPERATOR)
        except Refusal as refusal:
            if refusal.code == Code.NOT_SIGNED_IN and await sessions.current(self.accounts, request):
                raise Refusal(Code.NOT_ALLOWED) from None
            raise
        await self.admit(session, f"{request.method} {request.url.path}")
        return session

    async def admit(self, session: Session, call: str) -> None:
        """Let in a member of staff who is an operator now. Refusal not_allowed, on the record, for any other."""
        grants = await self.db.read(lambda conn: roles.grants_of(conn, HolderKind.OPERATOR, session.owner))
        if not roles.holds(grants, Role.OPERATOR, now_ms()):
            refusal = Refusal(Code.NOT_ALLOWED)
            await self.record(Actor(session.username), audit.REFUSED, call=call[:200], code=refusal.code)
            raise refusal

    async def sign_in(self, request: Request, username: str, password: str) -> SignedIn:
        """Sign an operator in, on the record. Refusals rate_limited, bad_credentials, not_allowed."""
        signed_in = await sign_in_operator(self.accounts, incoming(request), username, password)
        await self.admit(signed_in.session, f"{request.method} {request.url.path}")
        await self.record(acting_as(signed_in.session), AccountAct.SIGN_IN)
        return signed_in

    async def record(self, actor: Actor, act: str, **detail: Any) -> None:
        """One line of the audit for what is no move."""
        await self.db.write(lambda conn: audit.record(conn, actor, act, None, now_ms(), **detail))

    async def move(self, period_id: str, action: str, actor: Actor) -> Period:
        """One of the operators' moves. Refusals not_found, move_not_allowed."""
        now = now_ms()
        steps: dict[str, Step] = {
            "announce": lambda conn, period: moves.announce(
                conn, period.uid, actor, now, self.notice_hours(period)
            ),
            "arm": lambda conn, period: moves.arm(conn, period.uid, actor, now),
            "pause": lambda conn, period: moves.pause(conn, period.uid, actor, now),
            "resume": lambda conn, period: moves.resume(conn, period.uid, actor, now),
            "suspend": lambda conn, period: moves.suspend(conn, period.uid, actor, now),
            "close": lambda conn, period: moves.close(conn, period.uid, actor, now),
        }
        return await self.step(period_id, steps[action])

    async def pace(self, period_id: str, pace: PaceChange, actor: Actor) -> Period:
        """Refusals not_found, invalid."""
        return await self.step(
            period_id,
            lambda conn, period: moves.set_pace(
                conn, period.uid, pace.calls_per_minute, pace.most_live_tokens, actor, now_ms()
            ),
        )

    async def notice(self, period_id: str, text: str | None, actor: Actor) -> Period:
        """Put a notice on every waiting screen, or take it away (None). Refusals not_found, invalid."""
        if text is None:
            return await self.step(
                period_id, lambda conn, period: moves.clear_notice(conn, period.uid, actor, now_ms())
            )
        return await self.step(
            period_id, lambda conn, period: moves.set_notice(conn, period.uid, text, actor, now_ms())
        )

    async def mode(self, period_id: str, rule: Rule, actor: Actor) -> Period:
        """Who is first, of a draft. Refusals not_found, invalid, move_not_allowed."""

        async def step(conn: AsyncConnection, period: Period) -> Period:
            programme = self.programmes.get(period.programme)
            if programme is None:
                raise _wrong("programme", "aucun programme ne porte ce nom")
            return await moves.set_rule(conn, period.uid, programme, rule, actor, now_ms())

        return await self.step(period_id, step)

    async def value(self, period_id: str, value: str, actor: Actor) -> Period:
        """Record the public value of a draw. Refusals not_found, invalid, move_not_allowed."""
        return await self.step(
            period_id, lambda conn, period: moves.set_value(conn, period.uid, value, actor, now_ms())
        )

    async def proof(self, period_id: str, asked: bool, actor: Actor) -> Period:
        """Ask for a proof of work with each number, or no longer. Refusals not_found."""
        return await self.step(
            period_id, lambda conn, period: moves.set_proof(conn, period.uid, asked, actor, now_ms())
        )

    async def step(self, period_id: str, step: Step) -> Period:
        """Run one step on the period of this name, in one transaction."""

        async def work(conn: AsyncConnection) -> Period:
            return await step(conn, await ledger.period_by_id(conn, period_id))

        period = await self.db.write(work)
        await self.room.changed(period)
        return period

    def notice_hours(self, period: Period) -> int:
        """How long before its opening a period of this programme is announced (WR-18)."""
        programme = self.programmes.get(period.programme)
        return 0 if programme is None else programme.window.notice_hours

    async def shown(self, period: Period) -> dict[str, Any]:
        """The period as operators see it: the public's view, and what steers it."""
        if period.state in LINE_EXISTS:
            await self.room.look(period)
        return self.room.summary(period) | {
            "held": period.held,
            "calls_per_minute": period.calls_per_minute,
            "most_live_tokens": period.most_live_tokens,
            "token_seconds": period.token_seconds,
            "paused_at": period.paused_at and rfc3339(period.paused_at),
            "ended_at": period.ended_at and rfc3339(period.ended_at),
            "ticked_at": rfc3339(period.ticked_at) if period.ticked_at else None,
        }


def acting_as(operator: Session) -> Actor:
    """The operator as the audit names them."""
    return Actor(operator.username, Role.OPERATOR)


class OperatorApi:
    """The handlers; each is called with the operator who calls."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def routes(self) -> list[BaseRoute]:
        """Every route of the operators' API."""
        periods, one = "/api/v1/operator/periods", "/api/v1/operator/periods/{id}"
        session = "/api/v1/operator/session"
        table: list[tuple[str, str, Handler]] = [
            ("GET", session, self.who),
            ("GET", "/api/v1/operator/programmes", self.programmes),
            ("PUT", "/api/v1/operator/accommodations", self.grant),
            ("GET", periods, self.periods),
            ("POST", periods, self.create),
            ("GET", one, self.period),
            ("PATCH", f"{one}/pace", self.pace),
            ("PUT", f"{one}/mode", self.mode),
            ("PUT", f"{one}/value", self.value),
            ("PUT", f"{one}/notice", self.notice),
            ("DELETE", f"{one}/notice", self.clear_notice),
            ("PUT", f"{one}/proof", self.ask_proof),
            ("DELETE", f"{one}/proof", self.waive_proof),
            ("GET", f"{one}/figures", self.figures),
            *(
                ("POST", f"{one}/{action}", self.mover(action))
                for action in ("announce", "arm", "pause", "resume", "suspend", "close")
            ),
        ]
        return [
            Route(session, self.sign_in, methods=["POST"]),
            Route(session, self.sign_out, methods=["DELETE"]),
            *(Route(path, self.audited(handler), methods=[method]) for method, path, handler in table),
        ]

    def audited(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """The handler behind the operator's session; looks and refused calls get their audit line here."""

        async def call(request: Request) -> Response:
            operator = await self.console.operator(request)
            what = f"{request.method} {request.url.path}"
            try:
                response = await handler(request, operator)
            except Unavailable:
                raise
            except Refusal as refusal:
                await self.console.record(
                    acting_as(operator), audit.REFUSED, call=what[:200], code=refusal.code
                )
                raise
            if request.method == "GET":
                await self.console.record(acting_as(operator), audit.LOOK, call=what[:200])
            return response

        return call

    async def sign_in(self, request: Request) -> Response:
        body = await json_body(request, OperatorSignIn)
        signed_in = await self.console.sign_in(request, body.username, body.password)
        response = answer(signed_in.session.described())
        sessions.remember(response, self.console.accounts, signed_in)
        return response

    async def sign_out(self, request: Request) -> Response:
        operator = await self.console.operator(request)
        await sessions.sign_out(self.console.accounts, request, SessionRole.OPERATOR)
        await self.console.record(acting_as(operator), AccountAct.SIGN_OUT)
        response = Response(status_code=204)
        sessions.forget(response, self.console.accounts, SessionRole.OPERATOR)
        return response

    async def who(self, request: Request, operator: Session) -> Response:
        return answer(operator.described())

    async def programmes(self, request: Request, operator: Session) -> Response:
        return answer([programmes.shown(programme) for programme in self.console.programmes.values()])

    async def periods(self, request: Request, operator: Session) -> Response:
        periods = await self.console.db.read(moves.every)
        return answer([await self.console.shown(period) for period in periods])

    async def period(self, request: Request, operator: Session) -> Response:
        return answer(await self.console.shown(await self._period(request)))

    async def create(self, request: Request, operator: Session) -> Response:
        """A draft. Refusal invalid names the fields that are wrong."""
        body = await json_body(request, PeriodDraft)
        programme = self.console.programmes.get(body.programme)
        if programme is None:
            raise _wrong("programme", "aucun programme ne porte ce nom")
        opens_at = _instant("opens_at", body.opens_at)
        if body.closes_at is not None:
            closes_at = _instant("closes_at", body.closes_at)
        else:
            closes_at = _closing(programme, opens_at)

        async def work(conn: AsyncConnection) -> Period:
            return await moves.create(
                conn, programme, body.id, opens_at, closes_at, body.cap, acting_as(operator), now_ms(),
                calls_per_minute=body.calls_per_minute, most_live_tokens=body.most_live_tokens, rule=rule_of(body),
            )  # fmt: skip

        return answer(await self.console.shown(await self.console.db.write(work)), 201)

    def mover(self, action: str) -> Handler:
        """The handler of one move."""

        async def handler(request: Request, operator: Session) -> Response:
            period = await self.console.move(request.path_params["id"], action, acting_as(operator))
            return answer(await self.console.shown(period))

        return handler

    async def pace(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, PaceChange)
        period = await self.console.pace(request.path_params["id"], body, acting_as(operator))
        return answer(await self.console.shown(period))

    async def notice(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, NoticeText)
        period = await self.console.notice(request.path_params["id"], body.text, acting_as(operator))
        return answer(await self.console.shown(period))

    async def mode(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, ModeChange)
        period = await self.console.mode(request.path_params["id"], rule_of(body), acting_as(operator))
        return answer(await self.console.shown(period))

    async def grant(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, AccommodationGrant)
        await self.console.db.write(
            lambda conn: accommodations.grant(conn, body.username, body.factor, acting_as(operator), now_ms())
        )
        return Response(status_code=204)

    async def value(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, PublicValue)
        period = await self.console.value(request.path_params["id"], body.value, acting_as(operator))
        return answer(await self.console.shown(period))

    async def clear_notice(self, request: Request, operator: Session) -> Response:
        await self.console.notice(request.path_params["id"], None, acting_as(operator))
        return Response(status_code=204)

    async def ask_proof(self, request: Request, operator: Session) -> Response:
        period = await self.console.proof(request.path_params["id"], True, acting_as(operator))
        return answer(await self.console.shown(period))

    async def waive_proof(self, request: Request, operator: Session) -> Response:
        await self.console.proof(request.path_params["id"], False, acting_as(operator))
        return Response(status_code=204)

    async def figures(self, request: Request, operator: Session) -> Response:
        """The last rows (`limit`, at most an hour's), from `since` on; oldest first."""
        period = await self._period(request)
        # A plus sign in an address is a space: an offset is meant.
        since = request.query_params.get("since", "").replace(" ", "+")
        since_at = _instant("since", since) if since else 0
        limit = request.query_params.get("limit", str(figures.MOST_ROWS))
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 10 and int(limit) > 0):
            raise _wrong("limit", "doit être un nombre entier positif")
        most = min(int(limit), figures.MOST_ROWS)
        rows = await self.console.db.read(lambda conn: figures.rows(conn, period.uid, since_at, most))
        return answer([figures.shown(row) for row in rows])

    async def _period(self, request: Request) -> Period:
        return await self.console.db.read(lambda conn: ledger.period_by_id(conn, request.path_params["id"]))


def answer(content: Any, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")


def rule_of(body: PeriodDraft | ModeChange) -> Rule:
    """What a body says of who is first. Refusal invalid for what is no instant."""
    entries_from = None if body.entries_from is None else _instant("entries_from", body.entries_from)
    return Rule(mode=body.mode, entries_from=entries_from, value_is=body.value_is)


def _instant(name: str, text: str) -> int:
    try:
        return read_instant(text)
    except (ValueError, OverflowError):
        reason = (
            "doit être un instant, tel que 2026-06-13T08:30:00-04:00, qui existe une seule fois à Montréal"
        )
        raise _wrong(name, reason) from None


def _closing(programme: Programme, opens_at: int) -> int:
    try:
        return programme.window.closes_after(opens_at)
    except (ValueError, OverflowError):
        raise _wrong(
            "closes_at", "doit être donné : l’heure du programme n’existe pas une seule fois ce jour-là"
        ) from None


def _wrong(name: str, reason: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": reason}])


def routes(console: Console) -> list[BaseRoute]:
    """The operators' API; their page is `console/pages.py`."""
    return OperatorApi(console).routes()
