"""What comes by post as kinds and states: the one table of moves between them, and the French of each. Pure.

An item is entered once and never erased: what was entered by mistake is undone by a move, which stays in its history.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from casework.payments.states import INSTRUMENTS as PAYMENT_INSTRUMENTS
from casework.payments.states import POSTAL


class MailKind(StrEnum):
    """What an item is. Once written, a kind keeps its meaning."""

    PAYMENT = "payment"
    """The fee, with one of five instruments or with something else (PY-03)."""
    PROCURATION = "procuration"
    """The paper by which a candidate names a representative (RP-02, RP-03)."""
    CHECKLIST = "checklist"
    """Documents of the personal list (DC-02)."""
    PAPER_MODIFICATION = "paper_modification"
    """« Modification à une demande de certificat de sélection », on paper (PM-04)."""
    WITHDRAWAL = "withdrawal"
    """A letter by which an application is taken back."""
    RETURNED_MAIL = "returned_mail"
    """A letter of ours that could not be delivered."""
    OTHER = "other"
    """Anything else: it is kept with the file."""


KINDS: Final = {
    MailKind.PAYMENT: "Paiement",
    MailKind.PROCURATION: "Procuration",
    MailKind.CHECKLIST: "Documents de la liste",
    MailKind.PAPER_MODIFICATION: "Modification sur papier",
    MailKind.WITHDRAWAL: "Retrait de la demande",
    MailKind.RETURNED_MAIL: "Courrier revenu",
    MailKind.OTHER: "Autre",
}
"""Kind -> what is chosen on the page."""


class OtherInstrument(StrEnum):
    """What a fee cannot be paid with, and comes by post all the same: it goes back (PY-03)."""

    PERSONAL_CHEQUE = "personal_cheque"
    """A cheque of a person that no bank has certified."""
    CASH = "cash"
    """Banknotes."""
    OTHER_CURRENCY = "other_currency"
    """Whatever is not in Canadian dollars, or drawn on a bank elsewhere."""
    OTHER = "other"
    """Anything else."""


INSTRUMENTS: Final[Mapping[str, str]] = {
    **{str(one): PAYMENT_INSTRUMENTS[one] for one in POSTAL},
    OtherInstrument.PERSONAL_CHEQUE: "Chèque personnel non certifié",
    OtherInstrument.CASH: "Argent comptant",
    OtherInstrument.OTHER_CURRENCY: "Autre devise, ou banque hors du Canada",
    OtherInstrument.OTHER: "Autre mode de paiement",
}
"""Instrument -> what is chosen on the page: first the five that are accepted, then those that go back."""


class MailItemState(StrEnum):
    """Where an item is."""

    RECEIVED = "received"
    """It is in the house and fits no file yet: it waits in the pen."""
    MATCHED = "matched"
    """It belongs to a file; what becomes of it is for a person to decide."""
    ACCEPTED = "accepted"
    """It belongs to a file, and everything that it triggers was done."""
    TO_RETURN = "to_return"
    """It goes back to whoever sent it, and has not left yet."""
    RETURNED = "returned"
    """It left, with its letter and the number by which the post follows it."""
    UNDONE = "undone"
    """It was entered by mistake."""


STATES: Final = {
    MailItemState.RECEIVED: "Reçu, sans dossier",
    MailItemState.MATCHED: "Rapproché, à décider",
    MailItemState.ACCEPTED: "Accepté",
    MailItemState.TO_RETURN: "À retourner",
    MailItemState.RETURNED: "Retourné",
    MailItemState.UNDONE: "Inscription annulée",
}
"""State -> how the pages call it."""


class MailMove(StrEnum):
    """What happens to an item. Each is a line of its history; once written, a move keeps its meaning."""

    RECEIVE = "receive"
    """It is entered: how each item begins."""
    MATCH = "match"
    """A person says which file it belongs to."""
    ACCEPT = "accept"
    """What it triggers is done."""
    SET_ASIDE = "set_aside"
    """It is to go back."""
    SEND_BACK = "send_back"
    """It left the house by post."""
    UNDO = "undo"
    """It was entered by mistake; what it had triggered is taken back by moves of its own."""
    CORRECT = "correct"
    """Two persons have put a day right. Changes no state by itself."""
    REOPEN = "reopen"
    """By a day that was put right it is judged anew."""


MOVES_TOLD: Final = {
    MailMove.RECEIVE: "Reçu par la poste",
    MailMove.MATCH: "Rapproché d’un dossier",
    MailMove.ACCEPT: "Accepté",
    MailMove.SET_ASIDE: "Mis de côté, à retourner",
    MailMove.SEND_BACK: "Retourné par la poste",
    MailMove.UNDO: "Inscription annulée",
    MailMove.CORRECT: "Date corrigée par deux personnes",
    MailMove.REOPEN: "Jugé de nouveau après la correction",
}
"""Move -> what the history of an item says."""

_R, _M, _A, _T = (
    MailItemState.RECEIVED,
    MailItemState.MATCHED,
    MailItemState.ACCEPTED,
    MailItemState.TO_RETURN,
)

MOVES: Final = {
    (_R, MailMove.MATCH): _M,
    (_R, MailMove.SET_ASIDE): _T,
    (_M, MailMove.ACCEPT): _A,
    (_M, MailMove.SET_ASIDE): _T,
    (_A, MailMove.SET_ASIDE): _T,
    (_T, MailMove.MATCH): _M,
    (_A, MailMove.REOPEN): _M,
    (_T, MailMove.REOPEN): _M,
    (_T, MailMove.SEND_BACK): MailItemState.RETURNED,
    **{(one, MailMove.UNDO): MailItemState.UNDONE for one in (_R, _M, _A, _T)},
    **{(one, MailMove.CORRECT): one for one in (_R, _M, _A, _T, MailItemState.RETURNED)},
}
"""The one table: (state, move) -> state. What is not in it cannot be done: what has left the house is not undone."""


class CorrectionKind(StrEnum):
    """What two persons put right after the day of an entry."""

    DAYS = "days"
    """The day of the reception or of the postmark."""
    UNDO = "undo"
    """The whole entry was a mistake."""


class CorrectionState(StrEnum):
    """Where a correction stands. From the first there are two ways, and no way back."""

    PROPOSED = "proposed"
    """One person has proposed it; another one decides."""
    CONFIRMED = "confirmed"
    """Another person has confirmed it, and it was done."""
    DROPPED = "dropped"
    """It was taken back, or another person was of another mind."""


def moved(state: MailItemState, move: MailMove) -> MailItemState | None:
    """Where a move leads from here; None where there is no such move."""
    return MOVES.get((state, move))
