"""The letter that says that an application was taken back, and what follows. Pure."""

from datetime import date
from typing import Final

from casework.documents import DocumentKind
from casework.payments.letters import MoneyLetter
from casework.withdrawal.means import WithdrawalMeans, sentences
from foundation.money import dollars
from server.rendering.templating import day_words
from submission.states import Capacity

TITLE: Final = "Retrait de votre demande"

SAID: Final = "Votre demande est retirée, comme vous l’avez demandé. Voici ce qui suit."

WHO: Final = {
    Capacity.CANDIDATE: "La candidate ou le candidat",
    Capacity.LAWYER: "L’avocate ou l’avocat au dossier",
}
"""Capacity -> who took it back, as the letter says it."""


def withdrawn(means: WithdrawalMeans, capacity: Capacity, day: date) -> MoneyLetter:
    """The letter."""
    kept = [("Frais gardés", dollars(means.kept))] if means.kept else []
    facts = [("Retirée le", day_words(day)), ("Retirée par", WHO[capacity]), *kept]
    return MoneyLetter(DocumentKind.WITHDRAWAL, TITLE, [SAID, *sentences(means)], facts)
