"""The pages of the exempt streams: « Volets en tout temps », in the account, at any hour and without the room (EX-02).

Whole without scripts. A refused form comes back filled in; the secrets alone are never written back.
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sign_in, sign_in_form
from accounts import states as accounts_states
from accounts.candidates import LEAST_QUESTIONS
from accounts.pages import SignInPages
from accounts.sessions import Session
from accounts.visits import form_owner
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from quota.programmes import Programme, StreamRules
from server.rendering.forms import Tell, WayOn, form_answer
from server.rendering.templating import Render
from server.requests import Incoming, form_fields, received
from server.responses import response_of
from submission import states
from submission.drafts import repository
from submission.drafts.evaluated import evaluated
from submission.drafts.lifetime import recovery
from submission.drafts.repository import Draft
from submission.exempt import claims, submitting
from submission.exempt.api import outside_visit
from submission.exempt.claims import LONGEST_PROOF, ExemptClaim
from submission.exempt.services import ExemptServices
from submission.exempt.states import CLAIM_STATES, STANDING, ExemptClaimAct, ExemptClaimState, moved
from submission.forms.review_rows import ReviewRows
from submission.signing import declaration, signers
from submission.submit import Signing
from waitingroom.device_evidence import probe_of

HOME = "/volets"

ONE = f"{HOME}/{{programme}}/{{stream}}"


class StreamStand(msgspec.Struct, frozen=True):
    """A stream with the newest claim of an account to it."""

    programme: Programme
    stream: StreamRules
    claim: ExemptClaim | None = None

    @property
    def href(self) -> str:
        return f"{HOME}/{self.programme.id}/{self.stream.id}"

    @property
    def state(self) -> ExemptClaimState | None:
        return None if self.claim is None else self.claim.state

    @property
    def words(self) -> str:
        return "" if self.claim is None else CLAIM_STATES[self.claim.state]

    @property
    def may_claim(self) -> bool:
        return self.state not in STANDING

    @property
    def may_withdraw(self) -> bool:
        return self.state is not None and moved(self.state, ExemptClaimAct.WITHDRAW) is not None


class ExemptPages:
    """The handlers; each reads a request, asks a service, and makes one page or sends the browser on."""

    def __init__(self, services: ExemptServices, sign_in: SignInPages, render: Render, tell: Tell) -> None:
        self.services, self.sign_in, self.render, self.tell = services, sign_in, render, tell
        self.rows = ReviewRows(render)
        self.programmes, self.db = services.submissions.programmes, services.db

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.home, methods=["GET"]),
            Route(ONE, self.stream, methods=["GET"]),
            Route(ONE, self.claim, methods=["POST"]),
            Route(f"{ONE}/retrait", self.withdraw, methods=["POST"]),
            Route(f"{ONE}/demande", self.review, methods=["GET"]),
            Route(f"{ONE}/demande", self.submit, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """Every stream, with where this account stands in it."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        theirs = await self.db.read(lambda conn: claims.of_account(conn, session.owner))
        stands = [
            StreamStand(programme, stream, newest(theirs, programme.id, stream.id))
            for programme in self.programmes.values()
            for stream in programme.streams
        ]
        return self.render(request, "volets.html", session=session, stands=stands)

    async def stream(self, request: Request) -> Response:
        """One stream: the claim, or the form to make one. Refusal not_found."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return await self._stream(request, session)

    async def claim(self, request: Request) -> Response:
        """Make a claim; without a session the form keeps what was typed (P12)."""
        came = await received(request)
        fields = form_fields(came)
        programme, stream = self._asked(request)
        try:
            session = await form_owner.required(self.services.submissions.accounts, request, fields)
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
                raise
            return self._claim_form(came, None, StreamStand(programme, stream), fields, refusal=refusal)

        async def work(conn: AsyncConnection) -> ExemptClaim:
            proof = fields.get("proof", "")
            return await claims.claim(
                conn, self.services.seals, session.owner, programme, stream.id, proof, now_ms()
            )

        try:
            await self.db.write(work)
        except Refusal as refusal:
            if refusal.code not in {Code.INVALID, Code.CLAIM_PENDING, Code.UNAVAILABLE}:
                raise
            return await self._stream(request, session, fields, refusal)
        return RedirectResponse(request.url.path, 303)

    async def withdraw(self, request: Request) -> Response:
        """Take the claim back."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        programme, stream = self._asked(request)
        accounts = self.services.submissions.accounts
        session = await form_owner.required(accounts, request, form_fields(await received(request)))
        try:
            await self.db.write(lambda conn: claims.withdraw(conn, session.owner, programme.id, now_ms()))
        except Refusal as refusal:
            if refusal.code not in {Code.NOT_FOUND, Code.MOVE_NOT_ALLOWED}:
                raise
        return RedirectResponse(f"{HOME}/{programme.id}/{stream.id}", 303)

    async def review(self, request: Request) -> Response:
        """What will be submitted, what is missing of it, and the signature block."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return await self._review(request, session)

    async def submit(self, request: Request) -> Response:
        """Submit. Repeating it is safe: the same receipt comes back (P3)."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        came = await received(request)
        fields = {**form_fields(came), "username": session.username}
        session = await form_owner.required(self.services.submissions.accounts, request, fields)
        programme, stream = self._asked(request)
        if errors := sign_in_form.wrong(fields):
            return await self._review(request, session, fields, errors)
        signing = Signing(
            declaration=fields.get("declaration") == "true",
            capacity=states.capacity_of(fields.get("capacity", "")),
        )
        if errors := states.unsigned(signing.declaration, signing.capacity):
            return await self._review(request, session, fields, errors, Refusal(Code.SIGNATURE_MISSING))
        try:
            await sign_in.prove_again(
                self.services.submissions.accounts, came, sign_in_form.credentials_of(fields)
            )
            accepted = await submitting.submit(
                self.services.submissions,
                outside_visit(came, probe_of(fields)),
                programme.id,
                stream.id,
                signing,
            )
        except Refusal as refusal:
            corrections = accounts_states.CORRECTIONS.get(refusal.code, {})
            return await self._review(request, session, fields, corrections, refusal)
        return RedirectResponse(f"/recus/{accepted.receipt}", 303)

    def _asked(self, request: Request) -> tuple[Programme, StreamRules]:
        programme = self.programmes.get(request.path_params["programme"])
        stream = None if programme is None else programme.stream(request.path_params["stream"])
        if programme is None or stream is None:
            raise Refusal(Code.NOT_FOUND)
        return programme, stream

    async def _stream(
        self,
        request: Request,
        session: Session,
        typed: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
    ) -> Response:
        programme, stream = self._asked(request)
        theirs = await self.db.read(lambda conn: claims.of_account(conn, session.owner))
        other = next((one for one in theirs if one.programme == programme.id and one.state in STANDING), None)
        wrong = [] if refusal is None else refusal.fields.get("fields", [])
        errors = {field["name"]: f"Le numéro {field['reason']}." for field in wrong}
        return self._claim_form(
            await received(request),
            session,
            StreamStand(programme, stream, newest(theirs, programme.id, stream.id)),
            typed or {},
            errors=errors,
            refusal=None if errors else refusal,
            elsewhere=None if other is None or other.stream == stream.id else other,
        )

    def _claim_form(
        self,
        came: Incoming,
        session: Session | None,
        stand: StreamStand,
        typed: Mapping[str, str],
        *,
        refusal: Refusal | None = None,
        errors: Mapping[str, str] | None = None,
        elsewhere: ExemptClaim | None = None,
    ) -> Response:
        answer = form_answer(
            self.render, self.tell, came, "volet.html", refusal=refusal, errors=errors or {},
            status=422 if errors else 200, session=session, typed=typed, stand=stand, longest=LONGEST_PROOF,
            elsewhere=elsewhere, whose=form_owner.shown(session, typed), is_anothers=form_owner.is_anothers(refusal),
        )  # fmt: skip
        return response_of(answer)

    async def _review(
        self,
        request: Request,
        session: Session,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        refusal: Refusal | None = None,
    ) -> Response:
        programme, stream = self._asked(request)

        async def read(conn: AsyncConnection) -> tuple[ExemptClaim | None, Draft | None]:
            claim = await claims.standing_of(conn, session.owner, programme.id)
            ciphers = self.services.submissions.drafts
            draft = await repository.find(conn, ciphers, session.owner, programme.id)
            return claim, draft

        claim, draft = await self.db.read(read)
        if claim is not None and claim.stream == stream.id and claim.state is ExemptClaimState.USED:
            return RedirectResponse(f"/recus/{claim.receipt}", 303)
        if claim is None or claim.stream != stream.id or claim.state is not ExemptClaimState.ACCEPTED:
            return RedirectResponse(f"{HOME}/{programme.id}/{stream.id}", 303)
        shown = evaluated(self.services.submissions.forms, programme.id, programme.draft, draft, now_ms())
        answers = self.rows.context(shown.form, shown.found, f"/demande/{programme.id}")
        answers |= recovery.way_back(draft, programme.id, programme.draft.days, request.url.path, now_ms())
        kept = {name: text for name, text in (typed or {}).items() if name != "password"}
        return response_of(
            form_answer(
                self.render,
                self.tell,
                await received(request),
                "volet_demande.html",
                refusal=refusal,
                way_on=way_on(refusal),
                errors=errors or {},
                status=422 if errors else 200,
                session=session,
                stand=StreamStand(programme, stream, claim),
                **answers,
                capacities=signers.offered(programme.representatives.may_sign),
                declaration=declaration.sentences(),
                asks_fees=programme.payment.asks_fees,
                typed=kept,
                whose=form_owner.mark_of(session),
                ordinals=accounts_states.ORDINALS,
                least=LEAST_QUESTIONS,
                secret=bool(typed),
            )
        )


def newest(theirs: list[ExemptClaim], programme: str, stream: str) -> ExemptClaim | None:
    """The newest claim to a stream among an account's, which come newest first. Pure."""
    return next((one for one in theirs if (one.programme, one.stream) == (programme, stream)), None)


def way_on(refusal: Refusal | None) -> WayOn:
    """Where a refused submission leads when its form is not the place to go on. Pure."""
    if refusal is not None and "receipt" in refusal.fields:
        return WayOn(f"/recus/{refusal.fields['receipt']}", "Voir l’accusé de réception")
    return WayOn()
