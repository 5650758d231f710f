"""The candidate's pages: sign-in, review and signature, receipt, account, documents.

Every page is whole without scripts (`static/file.js` keeps the time true and resends what got no answer). The token is
minted here from the ticket in the cookie: it is in no address and in no form. A refusal is shown in the form it came
from, with what was typed; the password is the only thing that is not written back.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.sessions import Credentials, Session
from casework import documents, receipts
from casework.documents import DocumentKind
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota import ledger
from quota.ledger import Token
from quota.states import PeriodState, TokenState
from quota.store import Period
from server.requests import form_body, incoming
from server.templating import Render
from submission import drafts, states, submit
from submission.desk import Desk, visit_of
from submission.states import Words
from submission.submit import Signing
from waitingroom.device_evidence import probe_of

Tell = Callable[[Refusal], Words]
"""The texts of a refusal, counted like any other."""

HOME = "/compte"

_SUITE = re.compile(r"/(compte|documents(/[A-Za-z0-9_-]{16,64})?|recus/MPQ(-[0-9A-Z]{5}){4})")
"""Where a sign-in may lead: pages of ours, and nothing that an address from elsewhere could slip in."""

NOTES = {
    "deconnexion": "Vous êtes maintenant déconnecté.",
    "fin": "Votre session a pris fin. Connectez-vous de nouveau pour continuer.",
    "recu": "Connectez-vous avec le compte qui a soumis la demande pour voir son accusé de réception.",
}
"""What a sign-in page says above its form, by the word in its address."""

MOST_CHARACTERS = {"username": 200}
"""Longer texts are nobody's; 1,000 for the fields not named here."""


class CandidateTurn(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks about which period: the row of their number, and the account that is signed in here, if any."""

    period: Period
    token: Token | None
    session: Session | None

    @property
    def room(self) -> str:
        return f"/periodes/{self.period.id}"

    @property
    def is_theirs(self) -> bool:
        """Whether the account that is signed in is the one the token belongs to."""
        return bool(self.token and self.session and self.token.account == self.session.owner)


def routes(desk: Desk, render: Render, tell: Tell) -> list[BaseRoute]:
    """Every route of this module."""
    pages = CandidatePages(desk, render, tell)
    table = [
        ("/periodes/{id}/connexion", pages.called, pages.sign_in_called),
        ("/periodes/{id}/demande", pages.review, pages.submit),
        ("/connexion", pages.door, pages.sign_in),
        ("/deconnexion", None, pages.sign_out),
        ("/recus/{receipt}", pages.receipt, None),
        (HOME, pages.account, None),
        ("/documents", pages.documents, None),
        ("/documents/{id}", pages.document, None),
    ]
    found: list[BaseRoute] = []
    for path, get, post in table:
        found += [Route(path, get, methods=["GET"])] if get else []
        found += [Route(path, post, methods=["POST"])] if post else []
    return found


class CandidatePages:
    """The handlers; each reads a request, asks a service, and renders one template or sends the browser on."""

    def __init__(self, desk: Desk, render: Render, tell: Tell) -> None:
        self.desk = desk
        self.render = render
        self.tell = tell

    # -- the ten minutes ----------------------------------------------------------------------------------------------

    async def called(self, request: Request) -> Response:
        """The sign-in of somebody who was called; everybody else is shown where they stand in the room."""
        turn = await self._turn(request)
        if turn.token is None or turn.token.state != TokenState.LIVE:
            return _go(turn.room)
        if turn.is_theirs:
            return _go(f"{turn.room}/demande")
        return self._sign_in_page(request, {}, {}, turn=turn)

    async def sign_in_called(self, request: Request) -> Response:
        """Sign in with the token, which belongs to this account from then on (SW-01)."""
        turn = await self._turn(request)
        token = self._mint(turn)
        if token is None:
            return _go(turn.room)
        fields = await form_body(request)
        return await self._sign_in(request, fields, f"{turn.room}/demande", token=token, turn=turn)

    async def review(self, request: Request) -> Response:
        """What will be submitted, what is missing of it, and the signature block (SW-03)."""
        turn = await self._turn(request)
        if turn.token is not None and turn.token.state == TokenState.USED and turn.is_theirs:
            return _go(f"/recus/{turn.token.receipt}")
        if turn.token is None or turn.token.state != TokenState.LIVE:
            return _go(turn.room)
        if turn.session is None or not turn.is_theirs:
            return _go(f"{turn.room}/connexion")
        return await self._review_page(request, turn, turn.session, {})

    async def submit(self, request: Request) -> Response:
        """Submit. Repeating it is safe: the same receipt comes back (P3)."""
        turn = await self._turn(request)
        token = self._mint(turn)
        if token is None:
            return _go(turn.room)
        if turn.session is None:
            return _go(f"{turn.room}/connexion")
        fields = await form_body(request)
        signing = Signing(
            token=token, declaration=fields.get("declaration") == "true", capacity=fields.get("capacity", "")
        )
        try:
            accepted = await submit.submit(
                self.desk, visit_of(incoming(request), probe_of(fields)), turn.period.id, signing
            )
        except Refusal as refusal:
            if refusal.code in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                return _go(f"{turn.room}/connexion")
            return await self._review_page(request, await self._turn(request), turn.session, fields, refusal)
        return _go(f"/recus/{accepted.receipt}")

    async def _turn(self, request: Request) -> CandidateTurn:
        """Read from SQL alone: who was called can sign in and submit while Redis is away. Refusal not_found."""
        ticket = self.desk.ticket(visit_of(incoming(request)), request.path_params["id"])

        async def read(conn: AsyncConnection) -> tuple[Period, Token | None]:
            period = await ledger.period_by_id(conn, request.path_params["id"])
            if period.state == PeriodState.DRAFT:
                raise Refusal(Code.NOT_FOUND)
            if ticket is None or ticket.uid != period.uid:
                return period, None
            return period, await ledger.find(conn, period.uid, ticket.number)

        period, token = await self.desk.db.read(read)
        return CandidateTurn(period=period, token=token, session=await sessions.current(self.desk, request))

    def _mint(self, turn: CandidateTurn) -> str | None:
        """The token of the ticket that came with the request; None for one that was never called.

        An ended one is minted too: whether it still counts is for the services to say, in one place.
        """
        if turn.token is None or turn.token.jti is None:
            return None
        return self.desk.tokens.mint(turn.period, turn.token, now_ms())

    async def _review_page(
        self,
        request: Request,
        turn: CandidateTurn,
        session: Session,
        typed: dict[str, str],
        refusal: Refusal | None = None,
    ) -> Response:
        programme = self.desk.programmes[turn.period.programme]
        draft = await self.desk.db.read(lambda conn: drafts.find(conn, session.owner, programme.id))
        errors = {}
        if refusal is not None and refusal.code == Code.SIGNATURE_MISSING:
            wanting = {"candidate": typed.get("capacity") not in submit.CAPACITIES}
            wanting["declaration"] = typed.get("declaration") != "true"
            errors = {field: states.MISSING[field] for field, is_wanting in wanting.items() if is_wanting}
        assert turn.token is not None  # both callers looked
        return self._form(
            request, "review.html", refusal, errors, turn, typed=typed, username=session.username,
            number=turn.token.number, programme=programme.name,
            review=states.review(draft.content if draft else {}, programme.draft.sections),
        )  # fmt: skip

    # -- sign-in ------------------------------------------------------------------------------------------------------

    async def door(self, request: Request) -> Response:
        """The sign-in without a token, to follow a file at any time (AC-09)."""
        if await sessions.current(self.desk, request) is not None:
            return _go(_suite(request))
        return self._sign_in_page(request, {}, {})

    async def sign_in(self, request: Request) -> Response:
        return await self._sign_in(request, await form_body(request), _suite(request))

    async def sign_out(self, request: Request) -> Response:
        await sessions.sign_out(self.desk, request)
        answer = _go("/connexion?note=deconnexion")
        sessions.forget(answer, self.desk)
        return answer

    async def _sign_in(
        self,
        request: Request,
        fields: dict[str, str],
        then: str,
        *,
        token: str | None = None,
        turn: CandidateTurn | None = None,
    ) -> Response:
        errors = _wrong(fields)
        if errors:
            return self._sign_in_page(request, fields, errors, turn=turn, status=422)
        credentials = Credentials(
            username=fields["username"], password=fields["password"], answers=_answers(fields), token=token
        )
        try:
            signed_in = await sessions.sign_in(
                self.desk, visit_of(incoming(request), probe_of(fields)), credentials
            )
        except Refusal as refusal:
            corrections = states.CORRECTIONS.get(refusal.code, {})
            return self._sign_in_page(request, fields, corrections, turn=turn, refusal=refusal)
        answer = _go(then)
        sessions.remember(answer, self.desk, signed_in)
        return answer

    def _sign_in_page(
        self,
        request: Request,
        typed: dict[str, str],
        errors: dict[str, str],
        *,
        turn: CandidateTurn | None = None,
        refusal: Refusal | None = None,
        status: int = 200,
        note: str = "",
        then: str = "",
    ) -> Response:
        suite = then or _suite(request)
        action = f"{turn.room}/connexion" if turn else f"/connexion?suite={suite}"
        note = NOTES.get(note or request.query_params.get("note", ""), "")
        return self._form(
            request, "sign_in.html", refusal, errors, turn, status=status, action=action, note=note,
            ordinals=states.ANSWERS, typed={name: text for name, text in typed.items() if name != "password"},
        )  # fmt: skip

    def _form(
        self,
        request: Request,
        template: str,
        refusal: Refusal | None,
        errors: dict[str, str],
        turn: CandidateTurn | None,
        /,
        status: int = 200,
        **context: Any,
    ) -> Response:
        """A form with its time left, and with what was refused above the fields."""
        shown, headers = None, {}
        if refusal is not None:
            words = self.tell(refusal)
            status = words.status
            shown = states.shown(refusal, words, turn.period.id if turn else None)
            headers = _headers(status, refusal)
        now = now_ms()
        clock = states.time_left(turn.period, turn.token, now) if turn and turn.token else None
        period = turn.period if turn else None
        answer = self.render(
            request,
            template,
            status=status,
            period=period,
            clock=clock,
            refusal=shown,
            errors=errors,
            **context,
        )
        answer.headers.update(headers)
        return answer

    # -- afterwards ---------------------------------------------------------------------------------------------------

    async def receipt(self, request: Request) -> Response:
        """The receipt, for its own account. For anybody else 404, whether it exists or not."""
        session, receipt = await sessions.current(self.desk, request), request.path_params["receipt"]
        if session is None:
            suite = _suite_of(f"/recus/{receipt}")
            return self._sign_in_page(request, {}, {}, status=404, note="recu", then=suite)
        found = await self.desk.db.read(lambda conn: receipts.find(conn, receipt, session.owner))
        return self.render(
            request, "receipt.html", found=found, programme=self._name(found.programme),
            status_words=states.STATUSES.get(found.status, found.status),
            confirmation=next((one for one in found.documents if one.kind == DocumentKind.CONFIRMATION), None),
        )  # fmt: skip

    async def account(self, request: Request) -> Response:
        """The account's home: its applications, and when the session ends (AC-10, WR-17)."""
        session = await self._session(request)
        if isinstance(session, Response):
            return session

        async def read(conn: AsyncConnection) -> tuple[list[receipts.Submission], list[drafts.Draft]]:
            submitted = await receipts.of_account(conn, session.owner)
            begun = [await drafts.find(conn, session.owner, programme) for programme in self.desk.programmes]
            done = {one.programme for one in submitted}
            return submitted, [draft for draft in begun if draft is not None and draft.programme not in done]

        submitted, begun = await self.desk.db.read(read)
        return self.render(
            request, "account.html", session=session, submitted=submitted, begun=[self._begun(one) for one in begun],
            name=self._name, statuses=states.STATUSES,
        )  # fmt: skip

    def _begun(self, draft: drafts.Draft) -> dict[str, Any]:
        rules = self.desk.programmes[draft.programme].draft
        return {
            "draft": draft,
            "missing": len(drafts.missing(draft.content, rules.sections)),
            "expired": drafts.expired(draft.begun_at, now_ms(), rules.days),
            "kept_until": draft.begun_at + rules.days * drafts.DAY_MS,
        }

    async def documents(self, request: Request) -> Response:
        """« Consultation des documents » (DM-01)."""
        session = await self._session(request)
        if isinstance(session, Response):
            return session

        async def read(conn: AsyncConnection) -> tuple[list[documents.Document], int]:
            filed = await documents.of_account(conn, session.owner)
            return filed, len(await receipts.of_account(conn, session.owner))

        filed, submitted = await self.desk.db.read(read)
        confirmed = sum(one.kind == DocumentKind.CONFIRMATION for one in filed)
        return self.render(
            request, "documents.html", session=session, documents=filed, is_awaited=confirmed < submitted
        )

    async def document(self, request: Request) -> Response:
        """One document of the account that is signed in. Refusal not_found for any other."""
        session = await self._session(request)
        if isinstance(session, Response):
            return session
        asked, owner = request.path_params["id"], session.owner
        opened = await self.desk.db.read(lambda conn: documents.find(conn, asked, owner))
        return self.render(request, "document.html", document=opened.document, blocks=opened.blocks)

    async def _session(self, request: Request) -> Session | Response:
        """Who is signed in, or the way to the sign-in that leads back here."""
        try:
            return await sessions.required(self.desk, request)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            note = "&note=fin" if refusal.code == Code.SESSION_ENDED else ""
            return _go(f"/connexion?suite={_suite_of(request.url.path)}{note}")

    def _name(self, programme: str) -> str:
        found = self.desk.programmes.get(programme)
        return found.name if found else programme


def _go(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def _suite(request: Request) -> str:
    return _suite_of(request.query_params.get("suite", ""))


def _suite_of(path: str) -> str:
    return path if _SUITE.fullmatch(path) else HOME


def _answers(fields: dict[str, str]) -> list[str]:
    """The answers in their order; fields stay empty for who has fewer questions than the form has fields."""
    typed = [fields.get(f"answer-{place}", "") for place in range(1, len(states.ANSWERS) + 1)]
    return [answer for answer in typed if answer.strip()]


def _wrong(fields: dict[str, str]) -> dict[str, str]:
    """What was left empty or is longer than anybody's, field by field, in the form's order."""
    wrong = {}
    for field in (
        "username",
        "password",
        *(f"answer-{place}" for place in range(1, len(states.ANSWERS) + 1)),
    ):
        text = fields.get(field, "")
        if not text.strip() and field in states.MISSING:
            wrong[field] = states.MISSING[field]
        elif len(text) > MOST_CHARACTERS.get(field, 1000):
            wrong[field] = "Ce texte est trop long : vérifiez ce qui a été collé ici."
    return wrong


def _headers(status: int, refusal: Refusal) -> dict[str, str]:
    """What the status itself asks for, as in the API."""
    if status == 401:
        return {"WWW-Authenticate": 'Bearer realm="guichet"'}
    if status in (429, 503):
        return {"Retry-After": str(refusal.fields.get("retry_after", 2))}
    return {}
