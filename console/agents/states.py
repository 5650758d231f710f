"""Words of the agents' desk that are one of a few: why a file is opened, how it was checked who asks, with what result.

Nobody's file is disclosed to somebody who was not found to be that person, or who represents them (AC-11).
"""

from enum import StrEnum


class OpeningPurpose(StrEnum):
    """Why a file is opened."""

    TELEPHONE = "telephone"
    """Somebody is on the telephone."""
    COUNTER = "counter"
    """Somebody is at the counter."""
    LETTER = "letter"
    """Somebody has written."""
    WORK = "work"
    """Nobody asks: the file is worked on."""


class IdentityMethod(StrEnum):
    """How it was checked who asks."""

    ANSWERS = "answers"
    """What they said was compared with the file by the service, before anybody saw it."""
    DOCUMENT = "document"
    """An identity document was seen."""
    MANDATARY = "mandatary"
    """They represent the person: the procuration is in force, and their own identity was seen."""
    NONE = "none"
    """There is nobody to check."""


class IdentityResult(StrEnum):
    """What came of it."""

    CONFIRMED = "confirmed"
    """They are the person, or may be told."""
    FAILED = "failed"
    """They are not, as far as anybody can tell: nothing is disclosed."""
    NOT_NEEDED = "not_needed"
    """Nothing is told to anybody."""


PURPOSES = {
    OpeningPurpose.TELEPHONE: "Appel téléphonique",
    OpeningPurpose.COUNTER: "En personne, au comptoir",
    OpeningPurpose.LETTER: "Lettre ou courriel reçu",
    OpeningPurpose.WORK: "Traitement du dossier, sans contact",
}
"""Purpose -> what is chosen."""

METHODS = {
    IdentityMethod.ANSWERS: "Renseignements donnés par la personne, comparés par le service",
    IdentityMethod.DOCUMENT: "Pièce d’identité vue",
    IdentityMethod.MANDATARY: "Mandataire : procuration en vigueur et pièce d’identité vue",
    IdentityMethod.NONE: "Aucun contact",
}
"""Method -> what is chosen."""

RESULTS = {
    IdentityResult.CONFIRMED: "Identité confirmée",
    IdentityResult.FAILED: "Identité non confirmée",
    IdentityResult.NOT_NEEDED: "Sans contact",
}
"""Result -> what is read of it."""


def fits(purpose: OpeningPurpose, method: IdentityMethod) -> bool:
    """Whether a method goes with a purpose: with a person there is always a check, and without one there is none.

    Answers on the telephone or in a letter can be compared; a document is seen at the counter, or comes in a letter.
    """
    if purpose is OpeningPurpose.WORK:
        return method is IdentityMethod.NONE
    if method is IdentityMethod.DOCUMENT:
        return purpose in (OpeningPurpose.COUNTER, OpeningPurpose.LETTER)
    return method is not IdentityMethod.NONE
