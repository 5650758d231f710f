"""What can be decided of a file, when, and the French of it. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from casework.files.states import FileStatus


class DecisionOutcome(StrEnum):
    """What a decision says."""

    ACCEPTED = "accepted"
    """The application is accepted."""
    REFUSED = "refused"
    """Examined, and refused."""
    REJECTED = "rejected"
    """Not examined to its end, because what it needs is not there."""
    CLOSED = "closed"
    """Ended without a decision on its merits."""


OUTCOMES: Final = {
    DecisionOutcome.ACCEPTED: "Acceptée",
    DecisionOutcome.REFUSED: "Refusée",
    DecisionOutcome.REJECTED: "Rejetée",
    DecisionOutcome.CLOSED: "Fermée",
}
"""Outcome -> what both sides read."""

OUTCOME_TEXTS: Final = {
    DecisionOutcome.ACCEPTED: "Votre demande est acceptée.",
    DecisionOutcome.REFUSED: "Votre demande a été étudiée, et elle est refusée.",
    DecisionOutcome.REJECTED: "Votre demande est rejetée : son étude ne peut pas être menée à terme.",
    DecisionOutcome.CLOSED: "Votre demande est fermée, sans décision sur le fond.",
}
"""Outcome -> what the letter begins with."""

_S = FileStatus

POSSIBLE: Final[Mapping[DecisionOutcome, frozenset[FileStatus]]] = {
    DecisionOutcome.ACCEPTED: frozenset({_S.IN_EXAMINATION, _S.DECIDED}),
    DecisionOutcome.REFUSED: frozenset({_S.IN_EXAMINATION, _S.DECIDED}),
    DecisionOutcome.REJECTED: frozenset(
        {_S.PAID, _S.OPENED, _S.AWAITING_DOCUMENTS, _S.IN_EXAMINATION, _S.DECIDED}
    ),
    DecisionOutcome.CLOSED: frozenset(
        {_S.PAID, _S.OPENED, _S.REVERSED, _S.AWAITING_DOCUMENTS, _S.IN_EXAMINATION, _S.DECIDED}
    ),
}
"""Outcome -> statuses of a file in which it can be decided. Nobody is accepted or refused before all is examined; in a
file that is decided it is a replacement."""


class ProposalState(StrEnum):
    """Where a decision stands within the office; only one that is in force is told."""

    PROPOSED = "proposed"
    """It waits for a second person."""
    IN_FORCE = "in_force"
    """It was made, and its letter is filed."""
    WITHDRAWN = "withdrawn"
    """It was taken back, or the second person did not follow."""
    REPLACED = "replaced"
    """Another one stands in its place."""


PROPOSALS: Final = {
    ProposalState.PROPOSED: "Proposée, en attente d’une deuxième personne",
    ProposalState.IN_FORCE: "En vigueur",
    ProposalState.WITHDRAWN: "Retirée avant d’être rendue",
    ProposalState.REPLACED: "Remplacée",
}
"""State -> what staff read."""
