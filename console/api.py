"""The operators' API (`docs/contract.md`, Operator). Who may call it is `console/steering.py`'s.

Every call is in the audit log with who, when and what: a move writes its own line in its own transaction, a look and a
refused call get one here. Nothing here decides; the moves and their refusals are `quota/moves/`'s.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import accommodations, sessions
from accounts.acts import AccountAct
from accounts.sessions import Session
from accounts.states import SessionRole
from casework.payments import counts
from console import stop_pass
from console.bodies import (
    AccommodationGrant,
    AnnulReason,
    Arming,
    ModeChange,
    Move,
    NoticeText,
    OperatorSignIn,
    PaceChange,
    PeriodCorrection,
    PeriodDraft,
    PublicValue,
    SeenVersion,
    StopOrder,
)
from console.forecast import forecast
from console.readiness import ReadinessFacts, described
from console.states import Reached
from console.steering import Console, acting_as
from console.typed import typed_closing, typed_instant, typed_opening, typed_rule, wrong_field
from evidence import figures
from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, Unavailable
from quota import ledger, programmes
from quota.moves import preparing
from quota.released.places import described as described_places
from quota.states import BY_OPERATORS, Action
from quota.store import Period
from server.requests import json_body

Handler = Callable[[Request, Session], Awaitable[Response]]


SIMPLE_MOVES = tuple(action for action in BY_OPERATORS if action not in {Action.ARM, Action.ANNUL})
"""Moves that say nothing of their own: the other two have bodies that matter."""


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
            ("PATCH", one, self.correct),
            ("DELETE", one, self.remove),
            ("POST", f"{one}/arm", self.arm),
            ("POST", f"{one}/annul", self.annul),
            ("PATCH", f"{one}/pace", self.pace),
            ("PUT", f"{one}/mode", self.mode),
            ("PUT", f"{one}/value", self.value),
            ("PUT", f"{one}/notice", self.notice),
            ("DELETE", f"{one}/notice", self.clear_notice),
            ("PUT", f"{one}/proof", self.ask_proof),
            ("DELETE", f"{one}/proof", self.waive_proof),
            ("GET", f"{one}/figures", self.figures),
            ("GET", f"{one}/readiness", self.readiness),
            *(("POST", f"{one}/{action}", self.mover(action)) for action in SIMPLE_MOVES),
        ]
        return [
            Route(session, self.sign_in, methods=["POST"]),
            Route(session, self.sign_out, methods=["DELETE"]),
            Route(f"{one}/stop", self.stop, methods=["POST"]),
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
            self.console.passes.give(request, response, operator)
            return response

        return call

    async def sign_in(self, request: Request) -> Response:
        body = await json_body(request, OperatorSignIn)
        signed_in = await self.console.sign_in(request, body.username, body.password, body.code)
        response = answer(signed_in.session.described())
        sessions.remember(response, self.console.accounts, signed_in)
        self.console.passes.give_new(request, response, signed_in)
        return response

    async def stop(self, request: Request) -> Response:
        """The kill switch. Not behind `audited`, whose first question is to SQL: the stop writes its own line."""
        body = await json_body(request, StopOrder)
        outcome = await self.console.stop(request, body.reason)
        if outcome.reached is Reached.NEITHER:
            raise Refusal(Code.UNAVAILABLE, store="sql", sql=False, redis=False)
        period = None if outcome.period is None else await self.console.shown(outcome.period, looking=False)
        return answer(outcome.described() | {"period": period})

    async def sign_out(self, request: Request) -> Response:
        operator = await self.console.operator(request)
        await sessions.sign_out(self.console.accounts, request, SessionRole.OPERATOR)
        await self.console.record(acting_as(operator), AccountAct.SIGN_OUT)
        response = Response(status_code=204)
        sessions.forget(response, self.console.accounts, SessionRole.OPERATOR)
        stop_pass.forget(response, secure=self.console.accounts.secure)
        return response

    async def who(self, request: Request, operator: Session) -> Response:
        return answer(operator.described())

    async def programmes(self, request: Request, operator: Session) -> Response:
        known = self.console.programmes
        balances = {id: await self.console.released(one) for id, one in known.items()}
        shown = {id: None if one is None else described_places(one) for id, one in balances.items()}
        return answer([programmes.shown(one) | {"released_places": shown[id]} for id, one in known.items()])

    async def periods(self, request: Request, operator: Session) -> Response:
        periods = await self.console.db.read(ledger.every)
        return answer([await self.console.shown(period) for period in periods])

    async def period(self, request: Request, operator: Session) -> Response:
        return answer(await self.console.shown(await self._period(request)))

    async def create(self, request: Request, operator: Session) -> Response:
        """A draft. Refusal invalid names the fields that are wrong; no_released_places."""
        body = await json_body(request, PeriodDraft)
        programme = self.console.programmes.get(body.programme)
        if programme is None:
            raise wrong_field("programme", "aucun programme ne porte ce nom")
        opens_at = typed_opening(body.opens_at, programme.window)
        closes_at = typed_closing(body.closes_at, opens_at, programme.window)
        rule = typed_rule(body)

        async def work(conn: AsyncConnection) -> Period:
            return await preparing.create(
                conn, programme, body.id, opens_at, closes_at, body.cap, acting_as(operator), now_ms(),
                calls_per_minute=body.calls_per_minute, most_live_tokens=body.most_live_tokens,
                token_seconds=body.token_seconds, rule=rule, reason=body.reason, from_released=body.from_released,
                count_deleted=counts.deleted_unpaid,
            )  # fmt: skip

        return answer(await self.console.shown(await self.console.db.write(work)), 201)

    def mover(self, action: Action) -> Handler:
        """The handler of one move."""

        async def handler(request: Request, operator: Session) -> Response:
            body = await json_body(request, Move)
            period = await self.console.move(request.path_params["id"], action, acting_as(operator), body)
            return answer(await self.console.shown(period))

        return handler

    async def arm(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, Arming)
        period = await self.console.arm(request.path_params["id"], body, acting_as(operator))
        return answer(await self.console.shown(period))

    async def annul(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, AnnulReason)
        period = await self.console.annul(request.path_params["id"], body.reason, acting_as(operator))
        return answer(await self.console.shown(period))

    async def correct(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, PeriodCorrection)
        period = await self.console.correct(request.path_params["id"], body, acting_as(operator))
        return answer(await self.console.shown(period))

    async def remove(self, request: Request, operator: Session) -> Response:
        await self.console.remove(request.path_params["id"], await seen(request), acting_as(operator))
        return Response(status_code=204)

    async def pace(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, PaceChange)
        period = await self.console.pace(request.path_params["id"], body, acting_as(operator))
        return answer(await self.console.shown(period))

    async def notice(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, NoticeText)
        period = await self.console.notice(
            request.path_params["id"], body.text, acting_as(operator), body.version
        )
        return answer(await self.console.shown(period))

    async def mode(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, ModeChange)
        period = await self.console.mode(
            request.path_params["id"], typed_rule(body), acting_as(operator), body.version
        )
        return answer(await self.console.shown(period))

    async def grant(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, AccommodationGrant)
        await self.console.db.write(
            lambda conn: accommodations.grant(conn, body.username, body.factor, acting_as(operator), now_ms())
        )
        return Response(status_code=204)

    async def value(self, request: Request, operator: Session) -> Response:
        body = await json_body(request, PublicValue)
        period = await self.console.value(
            request.path_params["id"], body.value, acting_as(operator), body.version
        )
        return answer(await self.console.shown(period))

    async def clear_notice(self, request: Request, operator: Session) -> Response:
        version = await seen(request)
        await self.console.notice(request.path_params["id"], None, acting_as(operator), version)
        return Response(status_code=204)

    async def ask_proof(self, request: Request, operator: Session) -> Response:
        version = await seen(request)
        period = await self.console.proof(request.path_params["id"], True, acting_as(operator), version)
        return answer(await self.console.shown(period))

    async def waive_proof(self, request: Request, operator: Session) -> Response:
        version = await seen(request)
        await self.console.proof(request.path_params["id"], False, acting_as(operator), version)
        return Response(status_code=204)

    async def readiness(self, request: Request, operator: Session) -> Response:
        """Whether the installation is ready for this period, and what will happen."""
        period = await self._period(request)
        facts = self.console.gate.facts
        found = ReadinessFacts(at=now_ms(), sql=True) if facts is None else await facts(period)
        programme = self.console.programmes.get(period.programme)
        said = forecast(period, programme, found.candidates, found.at)
        return answer(described(found) | {"forecast": msgspec.structs.asdict(said)})

    async def figures(self, request: Request, operator: Session) -> Response:
        """The last rows (`limit`, at most an hour's), from `since` on; oldest first."""
        period = await self._period(request)
        # A plus sign in an address is a space: an offset is meant.
        since = request.query_params.get("since", "").replace(" ", "+")
        since_at = typed_instant("since", since) if since else 0
        limit = request.query_params.get("limit", str(figures.MOST_ROWS))
        if not (limit.isascii() and limit.isdecimal() and len(limit) < 10 and int(limit) > 0):
            raise wrong_field("limit", "doit être un nombre entier positif")
        most = min(int(limit), figures.MOST_ROWS)
        rows = await self.console.db.read(lambda conn: figures.rows(conn, period.uid, since_at, most))
        return answer([figures.shown(row) for row in rows])

    async def _period(self, request: Request) -> Period:
        return await self.console.db.read(lambda conn: ledger.period_by_id(conn, request.path_params["id"]))


async def seen(request: Request) -> int | None:
    """The version that an operator saw: in the body, or in the address where a client sends none with a DELETE."""
    body = await json_body(request, SeenVersion)
    text = request.query_params.get("version", "")
    if body.version is not None or not text:
        return body.version
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise wrong_field("version", "doit être un nombre entier positif")
    return int(text)


def answer(content: Any, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")


def routes(console: Console) -> list[BaseRoute]:
    """The operators' API; their page is `console/pages.py`."""
    return OperatorApi(console).routes()
