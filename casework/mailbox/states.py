"""What became of the e-mail that says that there is a message; where a broadcast is, and what may be done with it; the
French of each. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from foundation.mail.states import MailState


class NoticeStanding(StrEnum):
    """How far the notice of a message has come."""

    NO_ADDRESS = "no_address"
    """The account has no e-mail address: its owner finds the message on the next visit."""
    UNDER_WAY = "under_way"
    """Posted; no mail server has taken it yet."""
    SENT = "sent"
    """A mail server has taken it."""
    NOT_DELIVERED = "not_delivered"
    """Refused for this address, come back, or tried for days in vain."""


NOTICES = {
    NoticeStanding.NO_ADDRESS: "Aucun avis : le compte n’a pas d’adresse de courriel",
    NoticeStanding.UNDER_WAY: "Avis par courriel en route",
    NoticeStanding.SENT: "Avis envoyé par courriel",
    NoticeStanding.NOT_DELIVERED: "L’avis par courriel n’a pas pu être remis",
}
"""Standing of a notice -> what staff read."""

_OF_MAIL = {
    MailState.STAGED: NoticeStanding.UNDER_WAY,
    MailState.SENT: NoticeStanding.SENT,
    MailState.REFUSED: NoticeStanding.NOT_DELIVERED,
    MailState.SET_ASIDE: NoticeStanding.NOT_DELIVERED,
}


def notice_standing(mail: MailState | str | None) -> NoticeStanding:
    """The standing of a notice by the state of its mail; None where none was posted. Pure."""
    return NoticeStanding.NO_ADDRESS if mail is None else _OF_MAIL[MailState(mail)]


class BroadcastState(StrEnum):
    """Where a broadcast is."""

    DRAFT = "draft"
    """Being written; nobody has been told anything."""
    AWAITING_SECOND = "awaiting_second"
    """Confirmed by its author; a second person has to agree (P17)."""
    SENDING = "sending"
    """A row a person stands, and batches are delivered."""
    SENT = "sent"
    """Every person's message is in their account."""
    STOPPED = "stopped"
    """Stopped in the middle: who has it keeps it, nobody else gets it, unless it goes on."""
    DROPPED = "dropped"
    """Given up before anybody was told."""


class BroadcastAct(StrEnum):
    """What is done with a broadcast, as the record calls it."""

    WRITE = "broadcast_write"
    """Its author writes it, or changes it."""
    CONFIRM = "broadcast_confirm"
    """Its author confirms it for an audience of this size."""
    APPROVE = "broadcast_approve"
    """The second person agrees."""
    GIVE_BACK = "broadcast_give_back"
    """It goes back to its author, to be changed."""
    DROP = "broadcast_drop"
    """It is given up."""
    STOP = "broadcast_stop"
    """It is stopped while it is sent: that takes one person."""
    RESUME = "broadcast_resume"
    """What was stopped goes on, for those who do not have it."""
    START = "broadcast_start"
    """A feature was switched on, and its audience is written to."""
    FINISH = "broadcast_finish"
    """The last message is delivered."""


_S, _A = BroadcastState, BroadcastAct

BROADCAST_MOVES: Final[Mapping[BroadcastState, Mapping[BroadcastAct, BroadcastState]]] = {
    _S.DRAFT: {_A.WRITE: _S.DRAFT, _A.CONFIRM: _S.SENDING, _A.DROP: _S.DROPPED},
    _S.AWAITING_SECOND: {_A.APPROVE: _S.SENDING, _A.GIVE_BACK: _S.DRAFT, _A.DROP: _S.DROPPED},
    _S.SENDING: {_A.STOP: _S.STOPPED, _A.FINISH: _S.SENT},
    _S.SENT: {},
    _S.STOPPED: {_A.RESUME: _S.SENDING},
    _S.DROPPED: {},
}
"""What may be done with a broadcast, and where it is then. A confirmation that takes two leads to `AWAITING_SECOND`
(`after`)."""

ALONE_UP_TO: Final = 100
"""So many people may be written to by one member of staff alone; for more, a second person reads it first (P17)."""


def after(state: BroadcastState, act: BroadcastAct, counted: int) -> BroadcastState | None:
    """Where a broadcast to so many people is after an act; None where it cannot be done. Pure."""
    moved = BROADCAST_MOVES[state].get(act)
    if act is _A.CONFIRM and moved is not None and takes_two(counted):
        return _S.AWAITING_SECOND
    return moved


def takes_two(counted: int) -> bool:
    """Whether a broadcast to so many people takes a second person. Pure."""
    return counted > ALONE_UP_TO


BROADCAST_STATES = {
    BroadcastState.DRAFT: "Brouillon",
    BroadcastState.AWAITING_SECOND: "En attente d’une seconde personne",
    BroadcastState.SENDING: "En cours d’envoi",
    BroadcastState.SENT: "Envoyé",
    BroadcastState.STOPPED: "Arrêté en cours d’envoi",
    BroadcastState.DROPPED: "Abandonné",
}
"""State -> what staff read."""

BROADCAST_ACTS = {
    BroadcastAct.WRITE: "Envoi à un groupe : écrit",
    BroadcastAct.CONFIRM: "Envoi à un groupe : confirmé",
    BroadcastAct.APPROVE: "Envoi à un groupe : approuvé",
    BroadcastAct.GIVE_BACK: "Envoi à un groupe : rendu à son auteur",
    BroadcastAct.DROP: "Envoi à un groupe : abandonné",
    BroadcastAct.STOP: "Envoi à un groupe : arrêté",
    BroadcastAct.RESUME: "Envoi à un groupe : repris",
    BroadcastAct.START: "Envoi à un groupe : commencé par une mise en service",
    BroadcastAct.FINISH: "Envoi à un groupe : terminé",
}
"""Act -> what the record reads."""
