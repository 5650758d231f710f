"""`/agent/verifications`: the queue of reviews, and a case with both records side by side. Whole without scripts."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.reviews.cases import LONGEST_TEXT
from accounts.reviews.states import ACTS, DECISIONS, KINDS, STATES, Decision, ReviewKind, ReviewState
from console.reviews.api import id_of, page_of
from console.reviews.desk import REVIEWERS, ReviewDesk
from console.staff.desk import StaffMemberHere
from console.staff.pressed import pressed
from foundation.errors import Refusal
from server.rendering.forms import Tell
from server.rendering.templating import Render
from server.requests import form_body

HOME = "/agent/verifications"

DONE = {
    "confirm": "Votre décision est prise. La personne en est avisée.",
    "dismiss": "Votre décision est prise : rien n’est retenu.",
    "ask": "Votre question est posée. Le dossier attend la réponse.",
    "undo": "La décision est annulée, et le dossier est de nouveau à décider.",
}
"""What is said once it is done."""


class ReviewPages:
    """The handlers; each reads a request, asks the desk, and renders one template or sends the browser on."""

    def __init__(self, desk: ReviewDesk, render: Render, tell: Tell) -> None:
        self.desk, self.render, self.tell = desk, render, tell

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(HOME, self.queue, methods=["GET"]),
            Route(f"{HOME}/{{review}}", self.case, methods=["GET"]),
            Route(f"{HOME}/{{review}}", self.act, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """The queue: those that their person asked about first, then the longest open."""
        member = await self.desk.staff.at_page(request, *REVIEWERS)
        if isinstance(member, Response):
            return member
        query = request.query_params
        kind = next((one for one in ReviewKind if one == query.get("genre")), None)
        state = next((one for one in ReviewState if one == query.get("etat")), ReviewState.OPEN)
        page = page_of(query.get("page", "1"))
        found, has_more = await self.desk.queue(member, kind, state, page)
        counted = await self.desk.counts()
        totals = {one: sum(n for (_, where), n in counted.items() if where == one) for one in ReviewState}
        return self.render(
            request, "staff_reviews.html", member=member, found=found, has_more=has_more, page=page, kind=kind,
            state=state, kinds=KINDS, states=STATES, totals=totals, counted=counted, decisions=DECISIONS, home=HOME,
        )  # fmt: skip

    async def case(self, request: Request) -> Response:
        """One case, both records side by side."""
        member = await self.desk.staff.at_page(request, *REVIEWERS)
        if isinstance(member, Response):
            return member
        return await self._page(request, member, done=DONE.get(request.query_params.get("fait", ""), ""))

    async def act(self, request: Request) -> Response:
        """One pressed button; a refused one answers the case as it is now, with what was typed."""
        member = await self.desk.staff.at_page(request, *REVIEWERS)
        if isinstance(member, Response):
            return member
        fields = await form_body(request)
        word, version = fields.get("act", ""), fields.get("version", "")
        id, reason = id_of(request), fields.get("reason", "").replace("\r\n", "\n")
        return await pressed(
            lambda: self.desk.do(member, id, word, _version(version), reason),
            f"{HOME}/{id}?fait={word}",
            lambda refusal: self._page(request, member, refusal=refusal, typed=fields),
        )

    async def _page(
        self,
        request: Request,
        member: StaffMemberHere,
        *,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
        done: str = "",
    ) -> Response:
        opened = await self.desk.open(member, id_of(request))
        words = None if refusal is None else self.tell(refusal)
        wrong = {} if refusal is None else {f["name"]: f["reason"] for f in refusal.fields.get("fields", [])}
        return self.render(
            request, "staff_review_case.html", status=200 if words is None else words.status, member=member,
            opened=opened, refusal=words, wrong=wrong, typed=typed or {}, done=done, kinds=KINDS, states=STATES,
            acts=ACTS,
            confirm=DECISIONS[opened.review.kind, Decision.CONFIRMED], home=HOME, longest=LONGEST_TEXT,
            dismiss=DECISIONS[opened.review.kind, Decision.DISMISSED], decisions=DECISIONS,
        )  # fmt: skip


def _version(text: str) -> int:
    """The version that was decided upon; 0, which no case has, for a text that is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
