"""Words of reviews that are one of a few: kinds, states, acts, decisions, bars; the French of each, and the moves."""

from enum import StrEnum


class ReviewKind(StrEnum):
    """What a person has to decide."""

    DUPLICATE = "duplicate"
    """Whether two accounts are one person's (DU-01)."""
    PAPER = "paper"
    """Whether an account's person has a paper application on file (DU-05). A flag: nothing is forbidden by it."""
    CESSION = "cession"
    """Whether an account was ceded or sold (DU-02)."""


class ReviewState(StrEnum):
    """Where a review is."""

    OPEN = "open"
    """Waits for a decision."""
    WAITING = "waiting"
    """Waits for what its person was asked."""
    DECIDED = "decided"
    """Has a decision, which can be undone."""


class ReviewAct(StrEnum):
    """What happened in a review."""

    OPENED = "opened"
    """Signals were found, and nothing was done to anybody."""
    LINKED = "linked"
    """Identities are the same to the letter: the service linked the accounts at once (A-2.1 s. 65.2)."""
    REQUESTED = "requested"
    """Its person asked that somebody look, with observations."""
    ASKED = "asked"
    """A member of staff asks its person something."""
    CONFIRMED = "confirmed"
    """Decided: it is so."""
    DISMISSED = "dismissed"
    """Decided: it is not so."""
    UNDONE = "undone"
    """The newest decision was taken back; the review is open again."""
    RECHECKED = "rechecked"
    """Looked at again later: what was decided no longer goes with what is found, and the review is open again."""


class Decision(StrEnum):
    """What was decided."""

    CONFIRMED = "confirmed"
    """It is so: a duplicate, a ceded account, the person of the paper file."""
    DISMISSED = "dismissed"
    """It is not so."""


class AccountBar(StrEnum):
    """Why an account may neither take a turn nor submit. It can always sign in, read why, and ask for a look."""

    DUPLICATE = "duplicate"
    """It is another account's duplicate; that one counts."""
    CEDED = "ceded"
    """A person has decided that it was ceded or sold."""


MOVES: dict[ReviewAct, tuple[frozenset[ReviewState], ReviewState]] = {
    ReviewAct.LINKED: (frozenset({ReviewState.OPEN, ReviewState.WAITING}), ReviewState.DECIDED),
    ReviewAct.REQUESTED: (frozenset(ReviewState), ReviewState.OPEN),
    ReviewAct.ASKED: (frozenset({ReviewState.OPEN}), ReviewState.WAITING),
    ReviewAct.CONFIRMED: (frozenset({ReviewState.OPEN, ReviewState.WAITING}), ReviewState.DECIDED),
    ReviewAct.DISMISSED: (frozenset({ReviewState.OPEN, ReviewState.WAITING}), ReviewState.DECIDED),
    ReviewAct.UNDONE: (frozenset({ReviewState.DECIDED}), ReviewState.OPEN),
    ReviewAct.RECHECKED: (frozenset({ReviewState.DECIDED}), ReviewState.OPEN),
}
"""Act -> from which states, and where to. A request of its person opens a decided review again; what was decided stands
until somebody decides otherwise."""

DECIDING = {
    ReviewAct.CONFIRMED: Decision.CONFIRMED,
    ReviewAct.LINKED: Decision.CONFIRMED,
    ReviewAct.DISMISSED: Decision.DISMISSED,
}
"""Acts that decide, and what."""

KINDS = {
    ReviewKind.DUPLICATE: "Doublon possible",
    ReviewKind.PAPER: "Demande sur papier",
    ReviewKind.CESSION: "Compte cédé ou vendu",
}
"""Kind of a review -> how its queue calls it."""

STATES = {
    ReviewState.OPEN: "À décider",
    ReviewState.WAITING: "En attente de la personne",
    ReviewState.DECIDED: "Décidé",
}
"""State -> what is read of it."""

DECISIONS = {
    (ReviewKind.DUPLICATE, Decision.CONFIRMED): "Les deux comptes sont à la même personne",
    (ReviewKind.DUPLICATE, Decision.DISMISSED): "Ce sont deux personnes",
    (ReviewKind.PAPER, Decision.CONFIRMED): "La demande sur papier est bien de cette personne",
    (ReviewKind.PAPER, Decision.DISMISSED): "La demande sur papier est d’une autre personne",
    (ReviewKind.CESSION, Decision.CONFIRMED): "Le compte a été cédé ou vendu",
    (ReviewKind.CESSION, Decision.DISMISSED): "Le compte n’a pas été cédé",
}
"""What can be decided of each kind, in words."""

ACTS = {
    ReviewAct.OPENED: "Signalé par le service",
    ReviewAct.LINKED: "Lié automatiquement",
    ReviewAct.REQUESTED: "Observations de la personne",
    ReviewAct.ASKED: "Question posée à la personne",
    ReviewAct.CONFIRMED: "Confirmé",
    ReviewAct.DISMISSED: "Écarté",
    ReviewAct.UNDONE: "Décision annulée",
    ReviewAct.RECHECKED: "Remis à l’étude par le service",
}
"""Act -> what is read of it."""


def moved(state: ReviewState, act: ReviewAct) -> ReviewState | None:
    """Where an act leads from a state; None where there is no such move. Pure."""
    if act not in MOVES:
        return None
    sources, target = MOVES[act]
    return target if state in sources else None
