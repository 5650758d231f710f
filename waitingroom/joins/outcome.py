"""What the reply of a script leads to: whether a browser keeps a number, gets one, or is refused. Pure.

The tables are the whole decision; what follows from them is asked and told in `joins.py` and `draw/entries.py`.
"""

from enum import Enum, auto
from typing import Final, NamedTuple

from foundation.errors import Code
from quota.states import TokenState
from waitingroom.line.replies import EnteredReply, EnterReply, JoinReply, SeenReply
from waitingroom.line.states import JoinTerms


class JoinStep(Enum):
    """The next step of a join."""

    GIVE = auto()
    """The number, or entry, is new: this browser's from here on."""
    KEEP = auto()
    """The browser keeps what it has."""
    READ_ROW = auto()
    """The number is gone from the line: its row in SQL decides."""
    REPLACE = auto()
    """The number has ended: a new one is asked for in its place."""
    ASK_NUMBER = auto()
    """No entry stands: a number behind those of the entries is asked for."""
    REFUSE = auto()
    """The join ends with a refusal."""


class JoinOutcome(NamedTuple):
    """The next step; whether what is given or kept owes a proof of work; with which code a join is refused."""

    step: JoinStep
    owes: bool = False
    code: Code | None = None


GIVE: Final = JoinOutcome(JoinStep.GIVE)

KEEP: Final = JoinOutcome(JoinStep.KEEP)

KEEP_OWING: Final = JoinOutcome(JoinStep.KEEP, owes=True)

JOIN_OUTCOMES: Final[dict[JoinReply, JoinOutcome]] = {
    JoinReply.NEW: GIVE,
    JoinReply.SAME: KEEP,
    JoinReply.OWES: KEEP_OWING,
    JoinReply.ASK: JoinOutcome(JoinStep.READ_ROW),
    JoinReply.PROOF: JoinOutcome(JoinStep.REFUSE, code=Code.PROOF_REQUIRED),
    JoinReply.EARLY: JoinOutcome(JoinStep.REFUSE, code=Code.ROOM_NOT_OPEN),
    JoinReply.FULL: JoinOutcome(JoinStep.REFUSE, code=Code.QUOTA_REACHED),
    JoinReply.CLOSED: JoinOutcome(JoinStep.REFUSE, code=Code.PERIOD_CLOSED),
    JoinReply.ANNULLED: JoinOutcome(JoinStep.REFUSE, code=Code.ANNULLED),
}
"""RAISE is not here: the batch answers it (`line/batches.py`)."""

ENTER_OUTCOMES: Final[dict[EnterReply, JoinOutcome]] = {
    EnterReply.NEW: GIVE,
    EnterReply.SAME: KEEP,
    EnterReply.OWES: KEEP_OWING,
    EnterReply.LATE: JoinOutcome(JoinStep.ASK_NUMBER),
    EnterReply.PROOF: JoinOutcome(JoinStep.REFUSE, code=Code.PROOF_REQUIRED),
    EnterReply.EARLY: JoinOutcome(JoinStep.REFUSE, code=Code.ROOM_NOT_OPEN),
}

ENTERED_OUTCOMES: Final[dict[EnteredReply, JoinOutcome]] = {
    EnteredReply.ENTERED: KEEP,
    EnteredReply.RESTORED: KEEP,
    EnteredReply.OWES: KEEP_OWING,
    EnteredReply.LATE: JoinOutcome(JoinStep.ASK_NUMBER),
}

SEEN_OUTCOMES: Final[dict[SeenReply, JoinOutcome]] = {
    SeenReply.WAITING: KEEP,
    SeenReply.RESTORED: KEEP,
    SeenReply.GONE: JoinOutcome(JoinStep.READ_ROW),
}


def join_outcome(reply: JoinReply | EnterReply, terms: JoinTerms) -> JoinOutcome:
    """Where the reply to a join on these terms leads. What is new owes a proof if the terms say so."""
    outcome = JOIN_OUTCOMES[reply] if isinstance(reply, JoinReply) else ENTER_OUTCOMES[reply]
    return outcome._replace(owes=True) if outcome is GIVE and terms is JoinTerms.OWES else outcome


def seen_outcome(reply: SeenReply | EnteredReply) -> JoinOutcome:
    """Where the reply to a ticket that was presented leads."""
    return SEEN_OUTCOMES[reply] if isinstance(reply, SeenReply) else ENTERED_OUTCOMES[reply]


def row_step(state: TokenState | str | None) -> JoinStep:
    """Where the row of a number that is gone leads; None when it has none, which the line alone believed."""
    return JoinStep.KEEP if state == TokenState.LIVE else JoinStep.REPLACE


def frees(owes: int, terms: JoinTerms) -> bool:
    """Whether a join on these terms frees its ticket of the proof that it has owed since this instant (0: none)."""
    return owes > 0 and terms is JoinTerms.PROVED
