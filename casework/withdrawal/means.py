"""What taking an application back means for its file, sentence by sentence, as it is read before it is confirmed. Pure.

No rule of a programme gives a fee back after a withdrawal: it stays, and the page says so. Money that is no fee goes to
a person, and back (PY-05). The rank stays taken (QU-05).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from casework.files.states import FileEventKind, FileStatus
from casework.files.status import MOVES
from casework.mailroom.consequences import fingerprint
from foundation.money import dollars

WITHDRAWABLE: Final = frozenset(status for status, moves in MOVES.items() if FileEventKind.WITHDRAWN in moves)
"""Statuses in which an application can be taken back: before the decision, and before an end."""


class WithdrawalMeans(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file stands when its application is taken back: `kept` are the cents of the fee that stay, `waits`
    whether other money is here that a person gives back, `under_way` whether a card is being charged, `in_quota`
    whether its rank is one of a period, `originals` whether papers are here that are to be given back."""

    status: FileStatus
    kept: int
    waits: bool
    under_way: bool
    in_quota: bool
    originals: bool

    @property
    def seen(self) -> str:
        """Stands for what was shown; a confirmation brings it back."""
        return fingerprint(self)


def sentences(of: WithdrawalMeans) -> Sequence[str]:
    """What follows, in the order in which it is read."""
    return [*_about_money(of), *_about_the_rest(of), FOR_GOOD]


def _about_money(of: WithdrawalMeans) -> Sequence[str]:
    found = [NOTHING_PAID]
    if of.kept:
        found = [
            f"Les frais payés, {dollars(of.kept)}, ne sont pas remboursés : aucune règle du programme ne prévoit de "
            "remboursement après un retrait."
        ]
    if of.waits:
        found.append(WAITS)
    if of.under_way:
        found.append(UNDER_WAY)
    return found


def _about_the_rest(of: WithdrawalMeans) -> Sequence[str]:
    return [
        *([PLACE] if of.in_quota else []),
        DEADLINES,
        *([ORIGINALS] if of.originals else []),
        KEPT_HERE,
    ]


NOTHING_PAID: Final = "Aucuns frais ne sont payés : rien n’est plus à payer, et aucun rappel ne part plus."

WAITS: Final = "Un autre paiement est ici : une personne l’examine, vous le remet et vous écrit."

UNDER_WAY: Final = (
    "Un paiement par carte est commencé : s’il aboutit malgré tout, il vous est remis en entier."
)

PLACE: Final = (
    "Votre rang n’est donné à personne d’autre, et vous ne pouvez plus soumettre de demande pendant cette période de "
    "réception."
)

DEADLINES: Final = (
    "Vos délais prennent fin : vous n’avez plus rien à envoyer, et votre demande ne se modifie plus. Un paiement qui "
    "arriverait encore par la poste vous est retourné."
)

ORIGINALS: Final = "Les documents originaux que vous nous avez envoyés vous sont retournés."

KEPT_HERE: Final = "Vos réponses, vos lettres et vos messages restent dans votre compte."

FOR_GOOD: Final = "Un retrait ne se défait pas."
