"""Words of a submission that are one of a few, and the French of each."""

from enum import StrEnum


class SubmissionStatus(StrEnum):
    """Where a submission stands."""

    SUBMITTED = "submitted"
    """Accepted, with a rank; its fee is awaited (PY-01)."""
    ANNULLED = "annulled"
    """Void: its period was annulled. No fee is due."""
    REMOVED = "removed"
    """Taken away by a decision, which another decision may undo: made on a claim that was false (EX-02). No fee is
    due."""
    DUPLICATE = "duplicate"
    """Another submission of the same person counts (DU-01). It keeps its rank, and can count again."""
    CEDED = "ceded"
    """Refused: a person has decided that the account was ceded or sold (DU-02). It keeps its rank."""


STATUSES = {
    SubmissionStatus.SUBMITTED: "Soumise, en attente du paiement",
    SubmissionStatus.ANNULLED: "Annulée, avec toute la période de réception",
    SubmissionStatus.REMOVED: "Retirée par une décision",
    SubmissionStatus.DUPLICATE: "Doublon : une autre demande de la même personne compte",
    SubmissionStatus.CEDED: "Refusée : compte cédé ou vendu",
}
"""Status of a submission -> what its owner reads (AC-10)."""


class Capacity(StrEnum):
    """Who signs (SW-03)."""

    CANDIDATE = "candidate"
    """The candidate."""
    LAWYER = "lawyer"
    """The lawyer on file, in the candidate's name (RP-01)."""


CAPACITIES = {
    Capacity.CANDIDATE: "Je suis la candidate ou le candidat",
    Capacity.LAWYER: "Je suis l’avocate ou l’avocat au dossier et je signe au nom de la cliente ou du client",
}
"""Capacity -> what is chosen on the page."""


class TraceKind(StrEnum):
    """What two files of one person may have in common (DU-01). Likenesses are for a person to look at."""

    PASSPORT = "passport"
    """The passport's number, letters and digits only."""
    NAME_AND_BIRTH = "name_and_birth"
    """Both names and the date of birth."""
    EMAIL = "email"
    """The address of e-mail."""
    TELEPHONE = "telephone"
    """The telephone number, digits only."""


UNSIGNED = {
    "candidate": "Indiquez qui signe la demande.",
    "declaration": "Cochez la déclaration pour signer la demande.",
}
"""Field of the signature -> what to say when it was left empty."""


def capacity_of(text: str) -> Capacity | None:
    """The capacity in which a form says it is signed; None for a text that names none."""
    return next((capacity for capacity in Capacity if capacity == text), None)


def unsigned(declared: bool, capacity: Capacity | None) -> dict[str, str]:
    """What is missing of a signature, by field."""
    is_missing = {"candidate": capacity is None, "declaration": not declared}
    return {field: sentence for field, sentence in UNSIGNED.items() if is_missing[field]}
