"""The gate of the ten minutes (WR-05): which addresses lead to the waiting room without a live token, and how.

Gated is what belongs to a submission: its sign-in, the review, editing inside the window, the submission itself.
Everything else of an account (its file, its documents, drafts, corrections) is reached at any hour without the room:
consulting is no submission (AC-09, the interpretation in domain WR-05). What was typed is never thrown away by a gate:
a form that comes after the lapse is answered by the same form, filled in, with the way back to the room (P12).
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from foundation.errors import Code, Refusal
from server.requests import Answer, see_other
from submission.turns.turn import CandidateTurn

SIGN_IN: Final = "/periodes/{id}/connexion"

REVIEW: Final = "/periodes/{id}/demande"

SUBMISSIONS: Final = "/api/v1/periods/{id}/submissions"


class WithoutToken(StrEnum):
    """What a gated address answers where there is no live token."""

    ROOM = "room"
    """303 to the room's page of the period, which says where this browser stands."""
    REFUSAL = "refusal"
    """The API: 401 `no_token`, or 410 `token_expired` after a lapse."""


class GatedAddress(NamedTuple):
    """One row of the table."""

    path: str
    without_token: WithoutToken


GATED: Final = (
    GatedAddress(SIGN_IN, WithoutToken.ROOM),
    GatedAddress(REVIEW, WithoutToken.ROOM),
    GatedAddress(SUBMISSIONS, WithoutToken.REFUSAL),
)
"""Every gated address. A route that is not here is not gated; a test walks all routes and asks which they are."""


def _pattern(path: str) -> str:
    return re.sub(r"\\\{\w+\\\}", "[a-z0-9-]{1,64}", re.escape(path))


_PAGES: Final = re.compile(
    "|".join(_pattern(one.path) for one in GATED if one.without_token is WithoutToken.ROOM)
)


def is_gated(path: str) -> bool:
    """Whether this address is one of a submission: a sign-in that is to lead there is the token's, never another."""
    return _PAGES.fullmatch(path) is not None


def closed(turn: CandidateTurn, *, sent: bool = False) -> Answer | None:
    """The way to the room for a browser without a live token; None where the gate is open.

    `sent`: a form came. One that was called keeps what was typed, whatever became of its token; one whose number is
    unknown here is told so: Refusal no_ticket.
    """
    if sent and not turn.has_ticket:
        raise Refusal(Code.NO_TICKET)
    was_called = turn.token is not None and turn.token.jti is not None
    if turn.is_live or (sent and was_called):
        return None
    return see_other(turn.standing)
