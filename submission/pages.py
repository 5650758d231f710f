"""The pages of the ten minutes: the sign-in of a number that was called, the review, the signature.

Every page is whole without scripts (`static/file.js` keeps the time true and resends what got no answer). The token is
minted here from the ticket in the cookie: it is in no address and in no form. A refusal is shown in the form it came
from, with what was typed; the password is the only thing that is not written back.
"""

from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts import sign_in_form
from accounts.sessions import Session, SignedIn
from accounts.sign_in import Credentials
from foundation.clock import now_ms
from foundation.errors import Code, Refusal, RefusalCause
from quota.states import TokenState
from server.fast_path import FastRoute
from server.rendering import cookie_check
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import (
    Answer,
    Incoming,
    Respond,
    answering,
    form_body,
    form_fields,
    incoming,
    received,
    see_other,
)
from server.responses import response_of
from submission import binding, states
from submission.drafts import repository
from submission.services import visit_of
from submission.submit import Signing, Submissions
from submission.turns import gates
from submission.turns.turn import CandidateTurn, Turns
from submission.turns.turn_pages import TurnPages
from waitingroom.device_evidence import probe_of


class CandidatePages:
    """The handlers; each reads a request, asks a service, and makes one page or sends the browser on."""

    def __init__(self, submissions: Submissions, render: Render, tell: Tell) -> None:
        self.submissions = submissions
        self.services = submissions.services
        self.turns = Turns(self.services)
        self.pages = TurnPages(self.services, render, tell)

    def fast_routes(self) -> list[FastRoute]:
        """What everybody asks for who is called."""
        return [
            FastRoute("GET", gates.SIGN_IN, self.called),
            FastRoute("GET", gates.REVIEW, self.review),
        ]

    def routes(self) -> list[BaseRoute]:
        """The other routes."""
        return [
            Route(gates.SIGN_IN, self.sign_in_called, methods=["POST"]),
            Route(gates.REVIEW, self.submit, methods=["POST"]),
        ]

    def called(self, came: Incoming, respond: Respond) -> None:
        """The sign-in of a number that was called; any other browser is shown where it stands in the room."""
        self.turns.ask(came, answering(respond, partial(self._called, came)))

    def _called(self, came: Incoming, turn: CandidateTurn) -> Answer:
        if (to_room := gates.closed(turn)) is not None:
            return to_room
        if turn.is_theirs:
            return see_other(f"{turn.room}/demande")
        assert turn.token is not None  # the gate was open
        return self.pages.sign_in(came, turn, turn.token)

    async def sign_in_called(self, request: Request) -> Response:
        """Sign in with the token, which belongs to this account from then on (SW-01)."""
        came = incoming(request)
        turn = await self.turns.turn(came)
        fields = await form_body(request)
        visit = visit_of(came, probe_of(fields))
        if turn.has_ticket and (to_room := gates.closed(turn, sent=True)) is not None:
            return response_of(to_room)

        async def attempt(credentials: Credentials) -> SignedIn:
            cookie_check.require(request, fields)
            if not turn.has_ticket:
                raise Refusal(Code.NO_TICKET)
            return await binding.sign_in_called(self.services, visit, credentials, self._minted(turn))

        def show(errors: Mapping[str, str], refusal: Refusal | None) -> Response:
            return response_of(self.pages.sign_in_again(came, turn, fields, errors, refusal))

        return await sign_in_form.posted(
            self.services.accounts, fields, attempt, f"{turn.room}/demande", show
        )

    def review(self, came: Incoming, respond: Respond) -> None:
        """What will be submitted, what is missing of it, and the signature block (SW-03)."""
        self.turns.ask(came, answering(respond, partial(self._review, came)), with_draft=True)

    def _review(self, came: Incoming, turn: CandidateTurn) -> Answer:
        token, session = turn.token, turn.session
        if token is not None and token.state == TokenState.USED and turn.is_theirs:
            return see_other(f"/recus/{token.receipt}")
        if (to_room := gates.closed(turn)) is not None:
            return to_room
        if session is None or not turn.is_theirs:
            return see_other(f"{turn.room}/connexion")
        assert token is not None  # the gate was open
        return self.pages.review(came, turn, token, session)

    async def submit(self, request: Request) -> Response:
        """Submit. Repeating it is safe: the same receipt comes back (P3)."""
        return response_of(await self._submitted(await received(request)))

    async def _submitted(self, came: Incoming) -> Answer:
        turn = await self.turns.turn(came)
        if (to_room := gates.closed(turn, sent=True)) is not None:
            return to_room
        token, fields = self._minted(turn), form_fields(came)
        if turn.session is None:
            return see_other(f"{turn.room}/connexion?note=fin")
        if turn.is_live and turn.token is not None and turn.token.account is None:
            return see_other(
                f"{turn.room}/connexion?note=tour"
            )  # everything is asked again for a submission (AC-05)
        visit = visit_of(came, probe_of(fields))
        try:
            accepted = await self.submissions.submit(visit, turn.period.id, _signing(fields, token))
        except Refusal as refusal:
            return await self._refused(came, turn.session, fields, refusal)
        return see_other(f"/recus/{accepted.receipt}")

    async def _refused(
        self, came: Incoming, session: Session, fields: Mapping[str, str], refusal: Refusal
    ) -> Answer:
        """The form again, with what was typed: the review's, or the sign-in of the token's own account."""
        room = f"/periodes/{came.parameters['id']}"
        if refusal.code in {Code.NOT_SIGNED_IN, Code.SESSION_ENDED}:
            return see_other(f"{room}/connexion?note=fin")
        if refusal.fields.get("cause") == RefusalCause.SESSION_OF_ANOTHER:
            return self.pages.sign_in_again(came, await self.turns.turn(came), {}, {}, refusal, status=200)
        if refusal.fields.get("cause") == RefusalCause.SUBMITTED_BY_ANOTHER:
            raise refusal
        return await self._review_again(came, session, fields, refusal)

    def _minted(self, turn: CandidateTurn) -> str:
        """The token of the ticket that came with the request, which was called: the gate let it pass.

        An ended one is minted too: whether it still counts is for the services to say, in one place.
        """
        assert turn.token is not None
        return self.services.tokens.mint(turn.period, turn.token, now_ms())

    async def _review_again(
        self, came: Incoming, session: Session, typed: Mapping[str, str], refusal: Refusal
    ) -> Answer:
        turn = await self.turns.turn(came)
        programme = turn.period.programme
        ciphers = self.services.drafts
        draft = await self.services.db.read(
            lambda conn: repository.find(conn, ciphers, session.owner, programme)
        )
        errors = {}
        if refusal.code == Code.SIGNATURE_MISSING:
            signing = _signing(typed, "")
            errors = states.unsigned(signing.declaration, signing.capacity)
        assert turn.token is not None  # rows of numbers stay
        return self.pages.review_again(came, turn, turn.token, session, draft, typed, errors, refusal)


def _signing(fields: Mapping[str, str], token: str) -> Signing:
    """The signature block as it was sent."""
    return Signing(
        token=token,
        declaration=fields.get("declaration") == "true",
        capacity=states.capacity_of(fields.get("capacity", "")),
    )
