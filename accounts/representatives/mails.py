"""Mails about a representative: to the candidate, to the representative. No personal data, no name, no user name (P11).

Each is a function that returns a `Mail`; `notices.py` says who gets which, and when.
"""

from typing import Final

from accounts.representatives.states import PowerMove
from foundation.mail.outgoing import Mail

PAGE: Final = "/compte/representant"
"""Where the candidate sees the rest, behind the sign-in."""

_HELLO: Final = "Bonjour,"

_END: Final = (
    "Ce courriel ne contient aucun renseignement personnel. N’y répondez pas : personne ne lit cette boîte."
)

TO_CANDIDATE: Final = {
    PowerMove.DECLARE: (
        "Vous avez déclaré un représentant",
        "Une personne a été déclarée dans votre compte comme votre représentante ou votre représentant.\n\n"
        "Rien ne lui sera communiqué avant que votre procuration nous soit parvenue par la poste et soit entrée en "
        "vigueur. Le formulaire à imprimer est dans la page ci-dessous.\n\n"
        "Déclarer un représentant ne soumet pas votre demande.",
    ),
    PowerMove.CORRECT: (
        "Les renseignements sur votre représentant ont été corrigés",
        "Les renseignements sur la personne que vous avez déclarée comme représentante ont été corrigés dans votre "
        "compte. Imprimez de nouveau le formulaire de procuration s’il n’est pas encore posté.",
    ),
    PowerMove.RECEIVE: (
        "Votre procuration est arrivée",
        "Votre procuration nous est parvenue par la poste. Elle est conservée et prendra effet dès que les frais de "
        "votre demande seront payés. Jusque-là, rien n’est communiqué à la personne qu’elle désigne.",
    ),
    PowerMove.ACTIVATE: (
        "Votre procuration est en vigueur",
        "Votre procuration est entrée en vigueur. La personne qu’elle désigne peut maintenant recevoir des "
        "renseignements sur votre dossier. Vous recevrez toujours les mêmes avis qu’elle, et vous pouvez la révoquer à "
        "tout moment.",
    ),
    PowerMove.RETURN: (
        "Votre procuration vous est retournée",
        "Votre procuration nous est parvenue, mais ne peut pas être acceptée; elle vous est retournée par la poste. La "
        "raison et ce qu’il faut faire sont dans la page ci-dessous.",
    ),
    PowerMove.UNDO_RECEIPT: (
        "L’inscription de votre procuration a été annulée",
        "Une procuration avait été inscrite par erreur à votre dossier. L’inscription a été annulée, et plus rien "
        "n’est communiqué à la personne que vous avez déclarée tant que votre procuration ne nous est pas parvenue.",
    ),
    PowerMove.FREEZE: (
        "La personne qui vous représente n’est plus reconnue",
        "La personne que vous avez déclarée n’est plus reconnue au Registre québécois des consultants en immigration. "
        "Depuis aujourd’hui, rien ne lui est communiqué, et elle ne peut pas agir pour vous. Votre dossier suit son "
        "cours : vous pouvez agir vous-même, ou déclarer une autre personne.",
    ),
    PowerMove.THAW: (
        "La suspension de votre représentant est levée",
        "La personne que vous avez déclarée est de nouveau reconnue, et la suspension a été levée. Si vous ne voulez "
        "plus être représenté, révoquez-la dans la page ci-dessous.",
    ),
    PowerMove.REVOKE: (
        "Votre représentant est révoqué",
        "La personne qui vous représentait ne peut plus agir pour vous, et plus rien ne lui est communiqué. Vous "
        "pouvez agir vous-même, ou en déclarer une autre.",
    ),
    PowerMove.SIGN: (
        "Une demande a été signée en votre nom",
        "La personne déclarée à votre dossier a signé et soumis une demande en votre nom. L’accusé de réception et le "
        "texte signé sont dans votre compte.",
    ),
}
"""Move -> title and text of the candidate's mail."""

NOT_YOU: Final = "Si ce n’est pas vous, changez votre mot de passe et appelez le Centre de contacts."
"""Under what only the candidate can have done."""

BY_CANDIDATE: Final = frozenset({PowerMove.DECLARE, PowerMove.CORRECT, PowerMove.REVOKE, PowerMove.SIGN})

TO_REPRESENTATIVE: Final = {
    PowerMove.ACTIVATE: (
        "Une procuration en votre nom est en vigueur",
        "Une procuration qui vous désigne comme représentante ou représentant est entrée en vigueur. La personne qui "
        "vous a désigné reçoit les mêmes avis que vous.",
    ),
    PowerMove.FREEZE: (
        "Votre reconnaissance au registre",
        "Le Registre québécois des consultants en immigration n’a pas, à ce jour, votre reconnaissance en vigueur. Les "
        "représentations où votre numéro est inscrit sont suspendues : rien ne vous est communiqué. Si le registre est "
        "inexact, adressez-vous à lui; une personne lèvera la suspension une fois votre reconnaissance rétablie.",
    ),
    PowerMove.THAW: (
        "Une suspension est levée",
        "Votre reconnaissance au registre est rétablie, et la suspension d’une représentation où votre numéro est "
        "inscrit a été levée.",
    ),
    PowerMove.UNDO_RECEIPT: (
        "Une procuration en votre nom n’est pas en vigueur",
        "Une procuration qui vous désigne avait été inscrite par erreur. Elle n’est pas en vigueur : rien ne vous est "
        "communiqué tant qu’elle ne nous est pas parvenue.",
    ),
    PowerMove.REVOKE: (
        "Une procuration en votre nom a pris fin",
        "Une personne que vous représentiez a mis fin à votre procuration. Plus rien ne vous est communiqué de son "
        "dossier.",
    ),
}
"""Move -> title and text of the representative's mail: who it is about is said to nobody."""


WHILE_FROZEN: Final = (
    "Votre procuration est arrivée",
    "Votre procuration nous est parvenue par la poste et est conservée. La personne qu’elle désigne n’est pas reconnue "
    "au Registre québécois des consultants en immigration : la représentation reste suspendue, et rien ne lui est "
    "communiqué.",
)
"""Title and text where a paper comes, or is paid for, while the power is frozen."""


def to_candidate(to: str, move: PowerMove, public_url: str, *, is_frozen: bool = False) -> Mail:
    """What the candidate is told of a move; `is_frozen` is whether the power is, after it."""
    has_come = is_frozen and move in {PowerMove.RECEIVE, PowerMove.ACTIVATE}
    title, text = WHILE_FROZEN if has_come else TO_CANDIDATE[move]
    more = f"\n\n{NOT_YOU}" if move in BY_CANDIDATE else ""
    body = f"{_HELLO}\n\n{text}{more}\n\nVotre page : {public_url}{PAGE}\n\n{_END}\n"
    return Mail(to=to, kind=f"representative_{move}", title=title, text=body)


def reminder(to: str, public_url: str) -> Mail:
    """What the candidate is told whose representative has signed, and whose procuration has not come since."""
    text = (
        "Une demande a été signée en votre nom par la personne que vous avez déclarée comme représentante, et votre "
        "procuration ne nous est pas encore parvenue par la poste. La demande suit son cours; rien n’est communiqué à "
        "cette personne avant que la procuration soit en vigueur.\n\n"
        "Si elle est postée, vous n’avez rien à faire. Sinon, payez les frais de votre demande, puis imprimez-la dans "
        "la page ci-dessous et envoyez l’original signé."
    )
    body = f"{_HELLO}\n\n{text}\n\nVotre page : {public_url}{PAGE}\n\n{_END}\n"
    return Mail(
        to=to, kind="representative_reminder", title="Votre procuration n’est pas encore arrivée", text=body
    )


def to_representative(to: str, move: PowerMove, public_url: str) -> Mail:
    """What the representative is told of a move; only of those in `TO_REPRESENTATIVE`."""
    title, text = TO_REPRESENTATIVE[move]
    body = f"{_HELLO}\n\n{text}\n\n{public_url}/\n\n{_END}\n"
    return Mail(to=to, kind=f"representative_{move}", title=title, text=body)
