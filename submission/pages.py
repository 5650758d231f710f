"""The pages of the ten minutes: the sign-in of a number that was called, the review, the signature.

Every page is whole without scripts (`static/file.js` keeps the time true and resends what got no answer). The token is
minted here from the ticket in the cookie: it is in no address and in no form. A refusal is shown in the form it came
from, with what was typed; the password is the only thing that is not written back.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sessions, sign_in_form
from accounts.sessions import Session, SignedIn
from accounts.sign_in import Credentials
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, RefusalCause
from quota import ledger
from quota.frozen_rules import rules_of
from quota.ledger import Token
from quota.periods import phase
from quota.states import ENDED, PeriodState, TokenState
from quota.store import Period
from server.rendering import cookie_check
from server.rendering.forms import Tell, WayOn, form_page, see_other
from server.rendering.templating import Render
from server.requests import form_body, incoming
from submission import binding, drafts, review, states
from submission.services import visit_of
from submission.submit import Signing, Submissions
from waitingroom.device_evidence import probe_of
from waitingroom.pages import RETURNING


class CandidateTurn(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks about which period: the row of their number, and the account that is signed in here, if any.

    `has_ticket`: whether this browser shows a number of the period at all, called or not.
    """

    period: Period
    token: Token | None
    session: Session | None
    has_ticket: bool

    @property
    def room(self) -> str:
        return f"/periodes/{self.period.id}"

    @property
    def other_session(self) -> Session | None:
        """The session of this browser where the token is another account's: whoever began it has to come back."""
        is_bound = self.token is not None and self.token.account is not None
        return self.session if is_bound and not self.is_theirs else None

    @property
    def standing(self) -> str:
        """The room's page that says where they stand, and, to a browser without a number, that it shows none."""
        return self.room if self.has_ticket else f"{self.room}?{RETURNING}=1"

    @property
    def is_theirs(self) -> bool:
        """Whether the account that is signed in is the one the token belongs to."""
        return bool(self.token and self.session and self.token.account == self.session.owner)


def routes(submissions: Submissions, render: Render, tell: Tell) -> list[BaseRoute]:
    """Every route of this module."""
    pages = CandidatePages(submissions, render, tell)
    return [
        Route("/periodes/{id}/connexion", pages.called, methods=["GET"]),
        Route("/periodes/{id}/connexion", pages.sign_in_called, methods=["POST"]),
        Route("/periodes/{id}/demande", pages.review, methods=["GET"]),
        Route("/periodes/{id}/demande", pages.submit, methods=["POST"]),
    ]


class CandidatePages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(self, submissions: Submissions, render: Render, tell: Tell) -> None:
        self.submissions = submissions
        self.services = submissions.services
        self.render = render
        self.tell = tell

    async def called(self, request: Request) -> Response:
        """The sign-in of a number that was called; any other browser is shown where it stands in the room."""
        turn = await self._turn(request)
        if turn.token is None or turn.token.state != TokenState.LIVE:
            return see_other(turn.standing)
        if turn.is_theirs:
            return see_other(f"{turn.room}/demande")
        return self._sign_in_page(request, turn, {}, {}, None)

    async def sign_in_called(self, request: Request) -> Response:
        """Sign in with the token, which belongs to this account from then on (SW-01)."""
        turn = await self._turn(request)
        fields = await form_body(request)
        token = self._mint(turn)
        if token is None and turn.has_ticket:
            return see_other(turn.room)
        visit = visit_of(incoming(request), probe_of(fields))

        async def attempt(credentials: Credentials) -> SignedIn:
            cookie_check.require(request, fields)
            if token is None:
                raise Refusal(Code.NO_TICKET)
            return await binding.sign_in_called(self.services, visit, credentials, token)

        def show(errors: Mapping[str, str], refusal: Refusal | None) -> Response:
            return self._sign_in_page(request, turn, fields, errors, refusal, status=422)

        return await sign_in_form.posted(
            self.services.accounts, fields, attempt, f"{turn.room}/demande", show
        )

    async def review(self, request: Request) -> Response:
        """What will be submitted, what is missing of it, and the signature block (SW-03)."""
        turn = await self._turn(request)
        if turn.token is not None and turn.token.state == TokenState.USED and turn.is_theirs:
            return see_other(f"/recus/{turn.token.receipt}")
        if turn.token is None or turn.token.state != TokenState.LIVE:
            return see_other(turn.standing)
        if turn.session is None or not turn.is_theirs:
            return see_other(f"{turn.room}/connexion")
        return await self._review_page(request, turn, turn.session, {})

    async def submit(self, request: Request) -> Response:
        """Submit. Repeating it is safe: the same receipt comes back (P3)."""
        turn = await self._turn(request)
        token = self._mint(turn)
        if token is None:
            if not turn.has_ticket:  # the cookies went while the page was open: say so
                raise Refusal(Code.NO_TICKET)
            return see_other(turn.room)
        if turn.session is None:
            return see_other(f"{turn.room}/connexion?note=fin")
        fields = await form_body(request)
        visit = visit_of(incoming(request), probe_of(fields))
        try:
            accepted = await self.submissions.submit(visit, turn.period.id, _signing(fields, token))
        except Refusal as refusal:
            if refusal.code in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                return see_other(f"{turn.room}/connexion?note=fin")
            if refusal.fields.get("cause") == RefusalCause.SESSION_OF_ANOTHER:
                return self._sign_in_page(request, await self._turn(request), {}, {}, refusal)
            if refusal.fields.get("cause") == RefusalCause.SUBMITTED_BY_ANOTHER:
                raise
            return await self._review_page(request, await self._turn(request), turn.session, fields, refusal)
        return see_other(f"/recus/{accepted.receipt}")

    async def _turn(self, request: Request) -> CandidateTurn:
        """Read from SQL alone: who was called can sign in and submit while Redis is away. Refusal not_found."""
        ticket = self.services.ticket(visit_of(incoming(request)), request.path_params["id"])

        async def read(conn: AsyncConnection) -> tuple[Period, Token | None]:
            period = await ledger.period_by_id(conn, request.path_params["id"])
            if period.state == PeriodState.DRAFT:
                raise Refusal(Code.NOT_FOUND)
            if ticket is None or ticket.uid != period.uid:
                return period, None
            return period, await ledger.find(conn, period.uid, ticket.number)

        period, token = await self.services.db.read(read)
        session = await sessions.current(self.services.accounts, request)
        recognised = ticket is not None and ticket.uid == period.uid
        return CandidateTurn(period=period, token=token, session=session, has_ticket=recognised)

    def _mint(self, turn: CandidateTurn) -> str | None:
        """The token of the ticket that came with the request; None for one that was never called.

        An ended one is minted too: whether it still counts is for the services to say, in one place.
        """
        if turn.token is None or turn.token.jti is None:
            return None
        return self.services.tokens.mint(turn.period, turn.token, now_ms())

    async def _review_page(
        self,
        request: Request,
        turn: CandidateTurn,
        session: Session,
        typed: Mapping[str, str],
        refusal: Refusal | None = None,
    ) -> Response:
        period = turn.period
        rules = rules_of(period, self.services.programmes)
        draft = await self.services.db.read(lambda conn: drafts.find(conn, session.owner, period.programme))
        errors = {}
        if refusal is not None and refusal.code == Code.SIGNATURE_MISSING:
            signing = _signing(typed, "")
            errors = states.unsigned(signing.declaration, signing.capacity)
        assert turn.token is not None  # both callers looked
        return self._page(
            request, "review.html", turn, refusal, errors, typed=typed, username=session.username,
            number=turn.token.number, programme=rules.name, capacities=states.CAPACITIES,
            review=review.review(draft.content if draft else {}, rules.draft.sections),
        )  # fmt: skip

    def _sign_in_page(
        self,
        request: Request,
        turn: CandidateTurn,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        refusal: Refusal | None,
        status: int = 200,
    ) -> Response:
        other = turn.other_session
        note = request.query_params.get("note", "") if other is None else "jeton"
        as_whom = "" if other is None else other.username
        answer = self._page(
            request, "called_sign_in.html", turn, refusal, errors, status=status,
            **sign_in_form.context(f"{turn.room}/connexion", typed, note, as_whom),
        )  # fmt: skip
        return cookie_check.offer(request, answer, secure=self.services.accounts.secure)

    def _page(
        self,
        request: Request,
        template: str,
        turn: CandidateTurn,
        refusal: Refusal | None,
        errors: Mapping[str, str],
        /,
        status: int = 200,
        **context: Any,
    ) -> Response:
        """A form with its time left, and with what was refused above the fields."""
        way_on = WayOn() if refusal is None else review.way_on(refusal, turn.period.id)
        now = now_ms()
        clock = None if turn.token is None else review.time_left(turn.period, turn.token, now)
        state = phase(turn.period, now)
        return form_page(
            self.render, self.tell, request, template, refusal=refusal, way_on=way_on, errors=errors, status=status,
            period=turn.period, clock=clock, ended=state if state in ENDED else None, **context,
        )  # fmt: skip


def _signing(fields: Mapping[str, str], token: str) -> Signing:
    """The signature block as it was sent."""
    return Signing(
        token=token,
        declaration=fields.get("declaration") == "true",
        capacity=states.capacity_of(fields.get("capacity", "")),
    )
