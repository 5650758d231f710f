"""What became of the e-mail that says that there is a message, and the French of it. Pure."""

from enum import StrEnum

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
