"""The mails of reviews: that something was decided or asked, never about whom, and where to read it (P11)."""

from typing import Final

from accounts.reviews.states import ReviewAct, ReviewKind
from foundation.mail.outgoing import Mail

PAGE: Final = "/compte/decisions"
"""Where an account's owner reads what is decided about it, and answers."""

TITLES: Final = {
    ReviewAct.LINKED: "Une décision au sujet de votre compte",
    ReviewAct.CONFIRMED: "Une décision au sujet de votre compte",
    ReviewAct.DISMISSED: "Une décision au sujet de votre compte",
    ReviewAct.UNDONE: "Une décision au sujet de votre compte est annulée",
    ReviewAct.ASKED: "Une question au sujet de votre compte",
}
"""Act -> title of its mail."""

_SAID: Final = {
    ReviewAct.LINKED: "Une décision automatique vient d’être prise au sujet de votre compte. Vous pouvez la lire, "
    "savoir sur quoi elle repose et demander qu’une personne la revoie.",
    ReviewAct.CONFIRMED: "Une personne du Ministère a pris une décision au sujet de votre compte. Vous pouvez la lire "
    "avec son motif, et présenter vos observations.",
    ReviewAct.DISMISSED: "Une personne du Ministère a examiné votre compte. La décision est en votre faveur : vous "
    "pouvez la lire avec son motif.",
    ReviewAct.UNDONE: "Une décision prise au sujet de votre compte est annulée. Ce qu’elle avait changé est rétabli.",
    ReviewAct.ASKED: "Une personne du Ministère examine votre compte et vous pose une question. Répondez-y dans votre "
    "compte : rien n’est décidé avant.",
}


def notice(to: str, kind: ReviewKind, act: ReviewAct, public_url: str) -> Mail:
    """What an account's owner is told of an act in a case."""
    paragraphs = (
        "Bonjour,",
        _SAID[act],
        f"{public_url}{PAGE}",
        "Ce message ne contient aucun renseignement personnel. N’y répondez pas : personne ne le lirait.",
    )
    return Mail(to=to, kind=f"review_{kind}_{act}", title=TITLES[act], text="\n\n".join(paragraphs) + "\n")
