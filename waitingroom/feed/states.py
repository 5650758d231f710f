"""What the feed says: the types of its frames, and the codes with which it closes a socket (`docs/contract.md`)."""

from enum import IntEnum, StrEnum
from typing import Final

from waitingroom.states import PersonState


class FrameType(StrEnum):
    """`type` of a frame: what happened."""

    POSITION = "position"
    """Somebody who waits: where they stand now."""
    CALLED = "called"
    REDEEMED = "redeemed"
    SUBMITTED = "submitted"
    LAPSED = "lapsed"
    LEFT = "left"
    DRAINED = "drained"
    ANNULLED = "annulled"
    PAUSED = "paused"
    """Calls stand still from here on."""
    RESUMED = "resumed"
    """Calls go on."""
    NOTICE = "notice"
    """The message on every waiting screen is another one."""


class CloseCode(IntEnum):
    """Why a socket is closed: RFC 6455, and the contract's own."""

    ENDED = 1000
    """Nothing more will be said of this number."""
    NOT_TEXT = 1003
    """A binary message came."""
    TOO_MUCH_SAID = 1008
    """More messages than a page has to send."""
    ELSEWHERE = 1012
    """Another process does better: connect again."""
    TRY_AGAIN = 1013
    """Not now, or nothing to say yet: polls say the rest."""
    NO_TICKET = 4401
    NOT_FOUND = 4404
    TOO_MANY_SOCKETS = 4429


FINAL: Final = frozenset({PersonState.SUBMITTED, PersonState.LEFT, PersonState.DRAINED, PersonState.ANNULLED})
"""After these the socket is closed: nothing more happens to this number."""
