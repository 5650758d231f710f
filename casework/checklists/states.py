"""What can happen to one document of a list, where it then stands, and the French of each. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from casework.files.states import FileStatus


class ItemAct(StrEnum):
    """Something that is done about a document of the list. Once recorded, an act keeps its meaning."""

    RECEIVE = "receive"
    """It came by post (DC-02)."""
    UNDO_RECEIPT = "undo_receipt"
    """It was registered by mistake: the item stands as before."""
    EXPLAIN = "explain"
    """The candidate explains in writing why it cannot come in the format asked (DC-04)."""
    ACCEPT = "accept"
    """An agent accepts the explanation: nothing more is asked."""
    REFUSE = "refuse"
    """An agent refuses what came, or the explanation, with a reason: it is asked again."""
    WAIVE = "waive"
    """An agent asks for it no more, with a reason."""
    ASK_AGAIN = "ask_again"
    """An agent asks once more for what was settled, with a reason."""
    GIVE_BACK = "give_back"
    """The original went back by post (DC-06)."""


class ItemState(StrEnum):
    """Where a document of the list stands, for both sides."""

    ASKED = "asked"
    """It is awaited."""
    EXPLAINED = "explained"
    """There is a written explanation, which nobody has reviewed yet."""
    RECEIVED = "received"
    """It is here."""
    ACCEPTED = "accepted"
    """The explanation stands for it."""
    REFUSED = "refused"
    """What came was refused, with a reason: it is awaited again."""
    WAIVED = "waived"
    """It is no longer asked."""


SETTLED: Final = frozenset({ItemState.RECEIVED, ItemState.ACCEPTED, ItemState.WAIVED})
"""States in which nothing more is awaited: once all items are in one of them, the examination begins (DC-03)."""

_S, _A = ItemState, ItemAct

MOVES: Final[Mapping[ItemState, Mapping[ItemAct, ItemState]]] = {
    _S.ASKED: {_A.RECEIVE: _S.RECEIVED, _A.EXPLAIN: _S.EXPLAINED, _A.WAIVE: _S.WAIVED},
    _S.EXPLAINED: {
        _A.RECEIVE: _S.RECEIVED,
        _A.EXPLAIN: _S.EXPLAINED,
        _A.ACCEPT: _S.ACCEPTED,
        _A.REFUSE: _S.REFUSED,
        _A.WAIVE: _S.WAIVED,
    },
    _S.RECEIVED: {
        _A.RECEIVE: _S.RECEIVED,
        _A.UNDO_RECEIPT: _S.ASKED,
        _A.REFUSE: _S.REFUSED,
        _A.GIVE_BACK: _S.RECEIVED,
    },
    _S.ACCEPTED: {_A.RECEIVE: _S.RECEIVED, _A.ASK_AGAIN: _S.ASKED},
    _S.REFUSED: {
        _A.RECEIVE: _S.RECEIVED,
        _A.EXPLAIN: _S.EXPLAINED,
        _A.WAIVE: _S.WAIVED,
        _A.GIVE_BACK: _S.REFUSED,
    },
    _S.WAIVED: {_A.RECEIVE: _S.RECEIVED, _A.ASK_AGAIN: _S.ASKED},
}
"""State -> what may be done -> the state after it. Undoing a receipt leads back to the state before it, whichever it
was (`items.state_of`)."""

OPEN_FOR: Final[Mapping[ItemAct, frozenset[FileStatus]]] = {
    _A.RECEIVE: frozenset(
        {FileStatus.AWAITING_DOCUMENTS, FileStatus.IN_EXAMINATION, FileStatus.REVERSED, FileStatus.DECIDED}
    ),
    _A.UNDO_RECEIPT: frozenset({FileStatus.AWAITING_DOCUMENTS, FileStatus.IN_EXAMINATION}),
    _A.EXPLAIN: frozenset({FileStatus.AWAITING_DOCUMENTS}),
    _A.ACCEPT: frozenset({FileStatus.AWAITING_DOCUMENTS}),
    _A.REFUSE: frozenset({FileStatus.AWAITING_DOCUMENTS, FileStatus.IN_EXAMINATION}),
    _A.WAIVE: frozenset({FileStatus.AWAITING_DOCUMENTS}),
    _A.ASK_AGAIN: frozenset({FileStatus.AWAITING_DOCUMENTS, FileStatus.IN_EXAMINATION}),
    _A.GIVE_BACK: frozenset(FileStatus),
}
"""Act -> statuses of the file in which it may be done. An original goes back whatever became of the file."""

WITH_REASON: Final = frozenset({_A.REFUSE, _A.WAIVE, _A.ASK_AGAIN})
"""Acts that need a reason, which the candidate reads."""

STATES: Final = {
    _S.ASKED: "À envoyer",
    _S.EXPLAINED: "Expliqué par écrit, à vérifier",
    _S.RECEIVED: "Reçu",
    _S.ACCEPTED: "Explication acceptée",
    _S.REFUSED: "Refusé, à envoyer de nouveau",
    _S.WAIVED: "Plus demandé",
}
"""State -> what both sides read."""

STATE_TEXTS: Final = {
    _S.ASKED: "Envoyez ce document par la poste, dans le format demandé, ou expliquez pourquoi vous ne pouvez pas.",
    _S.EXPLAINED: "Une personne lira votre explication et vous répondra. Vous pouvez encore envoyer le document.",
    _S.RECEIVED: "Nous avons ce document.",
    _S.ACCEPTED: "Votre explication suffit : ce document n’est plus à envoyer.",
    _S.REFUSED: "Ce qui est arrivé ne convient pas, pour la raison indiquée. Envoyez-le de nouveau.",
    _S.WAIVED: "Ce document n’est plus demandé, pour la raison indiquée.",
}
"""State -> what it means for the candidate, and what is to be done."""

ACTS: Final = {
    _A.RECEIVE: "Inscrire comme reçu",
    _A.UNDO_RECEIPT: "Annuler la réception",
    _A.EXPLAIN: "Expliquer par écrit",
    _A.ACCEPT: "Accepter l’explication",
    _A.REFUSE: "Refuser",
    _A.WAIVE: "Ne plus demander",
    _A.ASK_AGAIN: "Demander de nouveau",
    _A.GIVE_BACK: "Inscrire le retour de l’original",
}
"""Act -> what its button says."""

ACTS_DONE: Final = {
    _A.RECEIVE: "Reçu",
    _A.UNDO_RECEIPT: "Réception annulée",
    _A.EXPLAIN: "Expliqué par écrit",
    _A.ACCEPT: "Explication acceptée",
    _A.REFUSE: "Refusé",
    _A.WAIVE: "Plus demandé",
    _A.ASK_AGAIN: "Demandé de nouveau",
    _A.GIVE_BACK: "Original retourné",
}
"""Act -> what the history of an item says of it."""


class ChecklistTask(StrEnum):
    """Tasks of a list in the outbox; each is about a submission and reads again where it stands."""

    REMIND = "checklist_remind"
    """A reminder is due, unless everything has come meanwhile."""
    TELL = "checklist_tell"
    """The office acted about documents: the candidate gets one message about all of them, with receipts and reasons."""


def item_moved(state: ItemState, act: ItemAct) -> ItemState | None:
    """The state after an act; None where it cannot be done."""
    return MOVES[state].get(act)
