"""A representative's power as a state: its kinds, its states, the one table of moves between them, and their French.

A power begins when the candidate declares it, and gives nothing away before its procuration has come by mail and the
fee is paid (RP-02, RP-04). Pure, no I/O.
"""

from enum import StrEnum
from typing import Final

import msgspec


class RepresentativeKind(StrEnum):
    """What a representative is. Only the first three may be paid for it (domain 2.6)."""

    LAWYER = "lawyer"
    """A member of the Barreau du Québec."""
    NOTARY = "notary"
    """A member of the Chambre des notaires du Québec."""
    CONSULTANT = "consultant"
    """An immigration consultant, whom the register has as recognised (RP-05)."""
    RELATIVE = "relative"
    """Somebody of the family or a friend, unpaid."""


KINDS: Final = {
    RepresentativeKind.LAWYER: "Avocate ou avocat, membre du Barreau du Québec",
    RepresentativeKind.NOTARY: "Notaire, membre de la Chambre des notaires du Québec",
    RepresentativeKind.CONSULTANT: "Consultante ou consultant, au Registre québécois des consultants en immigration",
    RepresentativeKind.RELATIVE: "Membre de la famille ou proche, sans rémunération",
}
"""Kind -> what is chosen on the page."""


class PowerState(StrEnum):
    """Where a representative's power stands."""

    DECLARED = "declared"
    """The candidate has named the person; the procuration has not come."""
    RECEIVED = "received"
    """The procuration has come and is held until the fee is paid (RP-04)."""
    ACTIVE = "active"
    """The procuration is in force: the only state in which anything is disclosed."""
    FROZEN = "frozen"
    """The register no longer recognises the consultant (RP-05); a person may end it, no clock."""
    REVOKED = "revoked"
    """Over: the candidate has ended it. It never comes back; a new one may be declared."""


STATES: Final = {
    PowerState.DECLARED: "Procuration attendue par la poste",
    PowerState.RECEIVED: "Reçue, en attente du paiement",
    PowerState.ACTIVE: "En vigueur",
    PowerState.FROZEN: "Suspendue",
    PowerState.REVOKED: "Révoquée",
}
"""State -> how the candidate's page calls it."""


class PowerMove(StrEnum):
    """What happens to a power. Each is a line of its history; once written, a move keeps its meaning."""

    DECLARE = "declare"
    """The candidate names a representative: how each power begins."""
    CORRECT = "correct"
    """The candidate corrects what was typed, before any procuration has come."""
    RECEIVE = "receive"
    """The mailroom has the procuration, and the fee is not paid yet."""
    ACTIVATE = "activate"
    """The procuration is there and the fee is paid."""
    RETURN = "return"
    """A procuration goes back by mail, with a reason; the declaration stays."""
    UNDO_RECEIPT = "undo_receipt"
    """What was entered as received was not: a new line, never an erasure."""
    FREEZE = "freeze"
    """The register no longer recognises the consultant."""
    THAW = "thaw"
    """A member of staff lets a power go on, which the register recognises again."""
    REVOKE = "revoke"
    """The candidate ends it."""
    SIGN = "sign"
    """The representative has signed an application for the candidate (RP-01). Changes no state."""


MOVES_TOLD: Final = {
    PowerMove.DECLARE: "Vous avez déclaré cette personne.",
    PowerMove.CORRECT: "Vous avez corrigé ses renseignements.",
    PowerMove.RECEIVE: "La procuration est arrivée par la poste. Elle prendra effet au paiement des frais.",
    PowerMove.ACTIVATE: "La procuration est entrée en vigueur.",
    PowerMove.RETURN: "La procuration vous a été retournée par la poste.",
    PowerMove.UNDO_RECEIPT: "L’inscription de la procuration a été annulée : elle n’était pas arrivée à ce dossier.",
    PowerMove.FREEZE: "La représentation a été suspendue : la personne n’est plus reconnue au registre.",
    PowerMove.THAW: "La suspension a été levée par une personne du Ministère.",
    PowerMove.REVOKE: "Vous avez révoqué cette représentation.",
    PowerMove.SIGN: "Cette personne a signé votre demande en votre nom.",
}
"""Move -> what the candidate reads in the history."""


class ReturnReason(StrEnum):
    """Why a procuration goes back by mail."""

    UNSIGNED = "unsigned"
    """It is not signed, or not by the candidate."""
    COPY = "copy"
    """It is a copy: originals only."""
    OTHER_PERSON = "other_person"
    """It names somebody else than was declared."""
    UNREADABLE = "unreadable"
    """It cannot be read, or a part of it is missing."""


RETURN_REASONS: Final = {
    ReturnReason.UNSIGNED: "Elle n’est pas signée par vous.",
    ReturnReason.COPY: "C’est une copie : il nous faut l’original.",
    ReturnReason.OTHER_PERSON: "Elle nomme une autre personne que celle que vous avez déclarée.",
    ReturnReason.UNREADABLE: "Elle est illisible, ou une partie manque.",
}
"""Reason -> what the candidate reads, and does something about."""


class PowerPosition(msgspec.Struct, frozen=True):
    """A power's state; and of a frozen one, the state that it goes on in once it is thawed."""

    state: PowerState
    frozen_from: PowerState | None = None


_D, _R, _A = PowerState.DECLARED, PowerState.RECEIVED, PowerState.ACTIVE

MOVES: Final = {
    (_D, PowerMove.CORRECT): _D,
    (_D, PowerMove.RECEIVE): _R,
    (_D, PowerMove.ACTIVATE): _A,
    (_D, PowerMove.RETURN): _D,
    (_R, PowerMove.ACTIVATE): _A,
    (_R, PowerMove.RETURN): _D,
    (_R, PowerMove.UNDO_RECEIPT): _D,
    (_A, PowerMove.UNDO_RECEIPT): _D,
    **{(one, PowerMove.FREEZE): PowerState.FROZEN for one in (_D, _R, _A)},
    **{(one, PowerMove.REVOKE): PowerState.REVOKED for one in (_D, _R, _A, PowerState.FROZEN)},
    **{(one, PowerMove.SIGN): one for one in (_D, _R, _A)},
}
"""The one table: (state, move) -> state. What is not in it cannot be done.

A frozen power moves underneath by the mail's moves (`OF_THE_MAIL`), so that a letter that comes meanwhile counts.
"""

OF_THE_MAIL: Final = frozenset(
    {PowerMove.RECEIVE, PowerMove.ACTIVATE, PowerMove.RETURN, PowerMove.UNDO_RECEIPT}
)

LIVE: Final = frozenset({_D, _R, _A, PowerState.FROZEN})
"""States of the one representative that a candidate may have."""


def moved(at: PowerPosition, move: PowerMove) -> PowerPosition | None:
    """Where a move leads from here; None where there is no such move. Pure."""
    if at.state is PowerState.FROZEN and at.frozen_from is not None:
        if move is PowerMove.THAW:
            return PowerPosition(at.frozen_from)
        if move in OF_THE_MAIL:
            below = MOVES.get((at.frozen_from, move))
            return None if below is None else PowerPosition(PowerState.FROZEN, below)
    after = MOVES.get((at.state, move))
    if after is None:
        return None
    return PowerPosition(after, at.state if after is PowerState.FROZEN else None)
