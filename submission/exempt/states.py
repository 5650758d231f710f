"""Words of the exempt streams that are one of a few: the states of a claim, what moves it, and the French of each.

A claim says that somebody may apply at any time (EX-01); an agent verifies it. One pure table has the moves.
"""

from enum import StrEnum


class ExemptClaimState(StrEnum):
    """Where a claim is."""

    DECLARED = "declared"
    """Made, with its proof; waits for an agent."""
    ACCEPTED = "accepted"
    """Verified: the person may submit, once, at any time."""
    REFUSED = "refused"
    """Not established. Another claim may be made."""
    WITHDRAWN = "withdrawn"
    """Taken back by the person."""
    USED = "used"
    """A submission was made with it."""
    REMOVED = "removed"
    """Found to be false after the submission, which was removed with it."""


class ExemptClaimAct(StrEnum):
    """What moves a claim. Acts in the audit under these names, with `claim_` before them."""

    WITHDRAW = "withdraw"
    """The person takes it back."""
    SUBMIT = "submit"
    """The person submits with it."""
    ACCEPT = "accept"
    """An agent has verified the proof; also in place of an earlier refusal."""
    REFUSE = "refuse"
    """An agent has not; also in place of an acceptance that nobody has used."""
    REMOVE = "remove"
    """An agent finds afterwards that it was false."""
    REINSTATE = "reinstate"
    """A new decision in place of a removal: the submission stands again."""


MOVES: dict[ExemptClaimAct, tuple[frozenset[ExemptClaimState], ExemptClaimState]] = {
    ExemptClaimAct.WITHDRAW: (
        frozenset({ExemptClaimState.DECLARED, ExemptClaimState.ACCEPTED}),
        ExemptClaimState.WITHDRAWN,
    ),
    ExemptClaimAct.SUBMIT: (frozenset({ExemptClaimState.ACCEPTED}), ExemptClaimState.USED),
    ExemptClaimAct.ACCEPT: (
        frozenset({ExemptClaimState.DECLARED, ExemptClaimState.REFUSED}),
        ExemptClaimState.ACCEPTED,
    ),
    ExemptClaimAct.REFUSE: (
        frozenset({ExemptClaimState.DECLARED, ExemptClaimState.ACCEPTED}),
        ExemptClaimState.REFUSED,
    ),
    ExemptClaimAct.REMOVE: (frozenset({ExemptClaimState.USED}), ExemptClaimState.REMOVED),
    ExemptClaimAct.REINSTATE: (frozenset({ExemptClaimState.REMOVED}), ExemptClaimState.USED),
}
"""Act -> from which states, and where to."""

BY_AGENTS = (
    ExemptClaimAct.ACCEPT,
    ExemptClaimAct.REFUSE,
    ExemptClaimAct.REMOVE,
    ExemptClaimAct.REINSTATE,
)
"""The decisions: each has a reason, which the person reads, and a letter."""

STANDING = (ExemptClaimState.DECLARED, ExemptClaimState.ACCEPTED, ExemptClaimState.USED)
"""States of which an account has one claim a programme at most."""

CLAIM_STATES = {
    ExemptClaimState.DECLARED: "À vérifier",
    ExemptClaimState.ACCEPTED: "Acceptée",
    ExemptClaimState.REFUSED: "Refusée",
    ExemptClaimState.WITHDRAWN: "Retirée par la personne",
    ExemptClaimState.USED: "Acceptée, demande soumise",
    ExemptClaimState.REMOVED: "Annulée, demande retirée",
}
"""State -> what is read of it."""

CLAIM_ACTS = {
    ExemptClaimAct.ACCEPT: "Accepter la preuve",
    ExemptClaimAct.REFUSE: "Refuser la preuve",
    ExemptClaimAct.REMOVE: "Retirer la demande : preuve fausse",
    ExemptClaimAct.REINSTATE: "Rétablir la demande",
}
"""Decision -> what its button says."""


def moved(state: ExemptClaimState, act: ExemptClaimAct) -> ExemptClaimState | None:
    """Where an act leads from a state; None where there is no such move. Pure."""
    sources, target = MOVES[act]
    return target if state in sources else None


def decisions(state: ExemptClaimState) -> list[ExemptClaimAct]:
    """What an agent may decide of a claim in this state. Pure."""
    return [act for act in BY_AGENTS if moved(state, act) is not None]
