"""`/compte/decisions` and `/api/v1/account/reviews`: what was decided about one’s account, and answering it."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts import sessions
from accounts.pages import SignInPages
from accounts.reviews.cases import LONGEST_TEXT
from accounts.reviews.mails import PAGE
from accounts.reviews.states import ACTS, DECISIONS, KINDS, STATES
from accounts.sessions import Session
from accounts.visits.text_kept import SIGNED_OUT, KeptText, of_another, text_kept
from foundation.clock import now_ms, rfc3339
from foundation.errors import Code, Refusal, Unavailable
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body, incoming, json_body
from server.responses import json_response
from submission.near_duplicates import own_reviews
from submission.near_duplicates.own_reviews import OwnReview

ADDRESS = "/api/v1/account/reviews"


class ObservationsBody(msgspec.Struct, frozen=True):
    """What a person has to say about a case."""

    text: str


class OwnReviewPages:
    """The handlers of the page and of the calls; each is about the account of the session alone."""

    def __init__(self, sign_in: SignInPages, render: Render, tell: Tell) -> None:
        self.sign_in, self.render, self.tell = sign_in, render, tell
        self.accounts, self.db = sign_in.services, sign_in.services.db
        self.ciphers = sign_in.services.personal.reviews

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route("/compte/decisions", self.page, methods=["GET"]),
            Route("/compte/decisions", self.answer, methods=["POST"]),
            Route(ADDRESS, self.show, methods=["GET"]),
            Route(f"{ADDRESS}/{{review}}", self.request, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """What was decided, with the way to answer."""
        session = await self.sign_in.session(request)
        if isinstance(session, Response):
            return session
        return await self._page(request, session, is_sent=request.query_params.get("envoye") == "1")

    async def answer(self, request: Request) -> Response:
        """The form of observations; a refused one answers the page with what was typed, signed in or not."""
        fields = await form_body(request)
        id, text = fields.get("review", ""), fields.get("text", "").replace("\r\n", "\n")
        try:
            session = await sessions.required(self.accounts, request)
        except Refusal as refusal:
            if refusal.code not in SIGNED_OUT:
                raise
            return self._kept(request, id, text, refusal)
        try:
            await self._request(session.owner, id, text)
        except Unavailable:
            raise
        except Refusal as refusal:
            if refusal.code == Code.NOT_FOUND:  # of another account, or of none
                return self._kept(request, id, text, of_another(session.username))
            return await self._page(request, session, refusal=refusal, typed={"review": id, "text": text})
        return RedirectResponse(f"{PAGE}?envoye=1", 303)

    def _kept(self, request: Request, id: str, text: str, refusal: Refusal) -> Response:
        kept = KeptText(
            page=PAGE, heading="Vérifications", label="Vos observations", name="text", text=text,
            press="Envoyer mes observations", others={"review": id},
        )  # fmt: skip
        return text_kept(self.render, self.tell, incoming(request), refusal, kept)

    async def show(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended."""
        session = await sessions.required(self.accounts, request)
        return json_response({"reviews": [review_shown(one) for one in await self._own(session.owner)]})

    async def request(self, request: Request) -> Response:
        """Refusals not_signed_in, session_ended, not_found, invalid, move_not_allowed, already_decided."""
        session = await sessions.required(self.accounts, request)
        body = await json_body(request, ObservationsBody)
        await self._request(session.owner, request.path_params["review"], body.text)
        return json_response({"received": True}, 202)

    async def _own(self, account: int) -> list[OwnReview]:
        return await self.db.read(lambda conn: own_reviews.of_account(conn, self.ciphers, account))

    async def _request(self, account: int, id: str, text: str) -> None:
        if not (id.isascii() and id.isdecimal() and len(id) < 18):
            raise Refusal(Code.NOT_FOUND)

        async def work(conn: AsyncConnection) -> None:
            await own_reviews.request(conn, self.ciphers, account, int(id), text, now_ms())

        await self.db.write(work)

    async def _page(
        self,
        request: Request,
        session: Session,
        *,
        refusal: Refusal | None = None,
        typed: dict[str, str] | None = None,
        is_sent: bool = False,
    ) -> Response:
        words = None if refusal is None else self.tell(refusal)
        wrong = "" if refusal is None else next((f["reason"] for f in refusal.fields.get("fields", [])), "")
        return self.render(
            request, "own_reviews.html", status=200 if words is None else words.status, session=session,
            found=await self._own(session.owner), refusal=words, wrong=wrong, typed=typed or {}, is_sent=is_sent,
            page=PAGE, kinds=KINDS, states=STATES, acts=ACTS, decisions=DECISIONS, longest=LONGEST_TEXT,
        )  # fmt: skip


def review_shown(one: OwnReview) -> dict[str, Any]:
    """A case, as its owner has it over the API."""
    return {
        "id": one.id, "kind": one.kind, "state": one.state, "decision": one.decision, "automatic": one.is_automatic,
        "requested": one.has_request, "barred": one.is_barred,
        "events": [{"act": event.act, "text": event.text, "at": rfc3339(event.at)} for event in one.events],
    }  # fmt: skip
