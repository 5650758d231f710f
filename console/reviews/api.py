"""`/api/v1/agent/reviews`: the queue of reviews, a case, and what is done in it (`docs/contract.md`)."""

from enum import StrEnum
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from accounts.reviews.cases import ReviewCase
from accounts.reviews.states import ReviewKind, ReviewState
from console.reviews.desk import REVIEWERS, OpenedCase, ReviewDesk
from console.typed import wrong_field
from foundation.clock import rfc3339
from server.requests import json_body, row_number
from server.responses import json_response

Word = TypeVar("Word", bound=StrEnum)

ADDRESS = "/api/v1/agent/reviews"


class ReviewActBody(msgspec.Struct, frozen=True):
    """Why, and the version of the case as it was read."""

    reason: str
    version: int | None = None


class ReviewApi:
    """The handlers; all of them for agents."""

    def __init__(self, desk: ReviewDesk) -> None:
        self.desk = desk

    def routes(self) -> list[BaseRoute]:
        """Every route of this module."""
        return [
            Route(ADDRESS, self.queue, methods=["GET"]),
            Route(f"{ADDRESS}/{{review}}", self.case, methods=["GET"]),
            Route(f"{ADDRESS}/{{review}}/{{act}}", self.act, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """`kind` (all without it), `state` (`open` without it), `page`. Refusals of `StaffDesk.member`, invalid."""
        member = await self.desk.staff.member(request, *REVIEWERS)
        query = request.query_params
        kind = query.get("kind")
        found, has_more = await self.desk.queue(
            member, None if not kind else word_of("kind", kind, ReviewKind),
            word_of("state", query.get("state", ReviewState.OPEN), ReviewState), page_of(query.get("page", "1")),
        )  # fmt: skip
        return json_response({"reviews": [case_shown(one) for one in found], "more": has_more})

    async def case(self, request: Request) -> Response:
        """Both records with what speaks for it. The look is on record. Refusal not_found."""
        member = await self.desk.staff.member(request, *REVIEWERS)
        return json_response(opened_shown(await self.desk.open(member, id_of(request))))

    async def act(self, request: Request) -> Response:
        """`confirm`, `dismiss`, `ask`, `undo`. Refusals not_found, invalid, move_not_allowed, already_decided."""
        member = await self.desk.staff.member(request, *REVIEWERS)
        body = await json_body(request, ReviewActBody)
        word = request.path_params["act"]
        return json_response(
            case_shown(await self.desk.do(member, id_of(request), word, body.version, body.reason))
        )


def id_of(request: Request) -> int:
    """The number of the case in an address. Refusal not_found for what is none."""
    return row_number(request.path_params["review"])


def page_of(text: str) -> int:
    """The number of a page, 1 for what is none."""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def word_of(name: str, text: str, words: type[Word]) -> Word:
    """One of a few words. Refusal invalid for any other."""
    try:
        return words(text)
    except ValueError:
        raise wrong_field(name, f"doit être l’un de ceux-ci : {', '.join(words)}") from None


def case_shown(review: ReviewCase) -> dict[str, Any]:
    """A case as the contract has it: no personal data."""
    return {
        "id": review.id, "kind": review.kind, "state": review.state, "decision": review.decision,
        "automatic": review.is_automatic, "requested": review.has_request, "score": review.score,
        "version": review.version, "opened_at": rfc3339(review.opened_at), "changed_at": rfc3339(review.changed_at),
    }  # fmt: skip


def opened_shown(opened: OpenedCase) -> dict[str, Any]:
    """A case with both records."""
    return case_shown(opened.review) | {
        "evidence": [{"signal": one.words, "points": one.points} for one in opened.evidence],
        "records": [{"field": row.label, "one": row.one, "other": row.other} for row in opened.rows],
        "survivor": None if opened.survivor is None else opened.review.accounts.index(opened.survivor),
        "events": [
            {"act": one.act, "actor": one.actor, "text": one.text, "at": rfc3339(one.at)} for one in opened.events
        ],
        "possible": opened.possible,
    }  # fmt: skip
