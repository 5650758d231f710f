"""What people are told of a supplement. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from casework.documents import DocumentKind
from casework.payments.letters import MoneyLetter
from casework.payments.states import INSTRUMENTS, Instrument
from casework.payments.supplements.rows import Supplement, SupplementState
from foundation.money import dollars
from server.rendering.counted import NBSP
from server.rendering.templating import day_words

ASKED_TITLE: Final = "Frais supplémentaires à payer"

REMINDED_TITLE: Final = "Rappel : frais supplémentaires à payer"

LAPSED_TITLE: Final = "Modification sans effet"

GIVEN_UP_TITLE: Final = "Modification abandonnée"

UNDONE_TITLE: Final = "Paiement de frais supplémentaires annulé"

STATES: Final = {
    SupplementState.AWAITED: "En attente du paiement des frais",
    SupplementState.PAID: "Frais payés",
    SupplementState.LAPSED: "Sans effet, frais non payés",
    SupplementState.GIVEN_UP: "Abandonnée, sans effet",
}
"""State -> what its owner and agents read."""

HOW: Final = (
    "Payez en ligne par carte de crédit, à la page de votre dossier, ou par la poste, en un seul envoi, avec l’un des "
    "modes de paiement acceptés : c’est le jour de la réception qui compte."
)

UNTOUCHED: Final = "Votre demande reste telle qu’elle était, et votre dossier suit son cours."


CONFIRMED_TITLE: Final = "Confirmation de paiement d’une modification"


def confirmed(one: Supplement, paid_on: date, instrument: Instrument) -> MoneyLetter:
    """The letter that confirms the payment (PY-07)."""
    said = [
        f"Nous confirmons que les frais de la modification {one.serial} de votre demande sont payés en entier. La "
        "modification a pris effet.",
        "Conservez ce document : il fait preuve de votre paiement. Rien d’autre n’est à payer.",
    ]
    facts = [
        ("Montant des frais", dollars(one.cents)),
        ("Date du paiement", day_words(paid_on)),
        ("Mode de paiement", INSTRUMENTS[instrument]),
    ]
    return MoneyLetter(DocumentKind.SUPPLEMENT_CONFIRMATION, CONFIRMED_TITLE, said, facts)


def asked(one: Supplement, due: int) -> Sequence[str]:
    """What the account is told first; `due` cents are asked for."""
    return [
        f"La modification {one.serial} de votre demande ajoute une personne. Des frais de {dollars(due)} sont à payer "
        f"en entier au plus tard le {day_words(one.last_day)}, selon le tarif du jour de la modification.",
        HOW,
        "La modification prend effet une fois ces frais payés. Sans paiement à cette date, elle n’a pas d’effet. "
        + UNTOUCHED,
    ]


def reminded(one: Supplement, due: int, left: int) -> Sequence[str]:
    """What a reminder says, so many days before the last day."""
    when = {0: "aujourd’hui", 1: "demain"}.get(left, f"dans {left} jours")
    return [
        f"Nous n’avons pas reçu les frais de la modification {one.serial} de votre demande. Le dernier jour est "
        f"{when}, le {day_words(one.last_day)} : {dollars(due)} sont à payer en entier.",
        HOW,
        "Si vous avez déjà payé par la poste, vous n’avez rien à faire.",
    ]


def lapsed(one: Supplement) -> Sequence[str]:
    """What is said of an amendment whose fee did not come."""
    return [
        f"Les frais de la modification {one.serial} n’ont pas été reçus en entier au plus tard le "
        f"{day_words(one.last_day)}. La modification n’a pas d’effet.",
        UNTOUCHED,
        "Un paiement qui arriverait encore vous est remis. Vous pouvez signaler le changement de nouveau, à la page "
        "« Modifications » de votre dossier.",
    ]


def giving_up_means(one: Supplement, *, waits: bool, under_way: bool) -> Sequence[str]:
    """What giving an amendment up means, sentence by sentence, before it is done: `waits`, money is here that a person
    looks at; `under_way`, a card is being charged."""
    return [
        f"La modification n’a pas d’effet, et ses frais de {dollars(one.cents)} ne sont plus à payer.",
        UNTOUCHED,
        *(["Un paiement est ici : une personne l’examine, vous le remet et vous écrit."] if waits else []),
        *(
            ["Un paiement par carte est commencé : s’il aboutit malgré tout, il vous est remis en entier."]
            if under_way
            else []
        ),
        "Un paiement qui arriverait encore par la poste vous est retourné.",
        "Cela ne se défait pas; vous pouvez signaler le changement de nouveau, selon le tarif du jour.",
    ]


def given_up(one: Supplement) -> Sequence[str]:
    """What is said of an amendment that its candidate gave up."""
    return [
        f"Vous avez abandonné la modification {one.serial} de votre demande, dont les frais n’étaient pas payés. Elle "
        f"n’a pas d’effet, et les {dollars(one.cents)} ne sont plus à payer.",
        UNTOUCHED,
        "Un paiement qui arriverait encore vous est remis. Vous pouvez signaler le changement de nouveau, à la page "
        "« Modifications » de votre dossier.",
    ]


RESTORED_TITLE: Final = "Modification rétablie"


def restored(one: Supplement) -> MoneyLetter:
    """The letter of an amendment that had lapsed, and whose payment had come in time."""
    last = day_words(one.last_day).replace(" ", NBSP)
    said = [
        f"La modification {one.serial} de votre demande avait été tenue pour sans effet, parce que le paiement de ses "
        f"frais n’était pas inscrit comme reçu à temps. Il l’avait pourtant été, au plus tard le {last}, dernier jour "
        "pour payer. La modification est rétablie.",
        "Vous n’avez pas à la signaler de nouveau.",
    ]
    facts = [
        ("Montant des frais", dollars(one.cents))
    ]  # no last day as a fact: it would read as one still to come
    return MoneyLetter(DocumentKind.PAYMENT_DECISION, RESTORED_TITLE, said, facts)


def undone(one: Supplement, until: date | None) -> Sequence[str]:
    """What is said where the money of a supplement went back: until when it can be paid again; None: not any more."""
    again = (
        f"Ils peuvent être payés de nouveau jusqu’au {day_words(until)}; la modification n’a pas d’effet d’ici là."
        if until is not None
        else "La modification n’a plus d’effet. Vous pouvez la signaler de nouveau."
    )
    return [
        f"Le paiement des frais de la modification {one.serial} a été annulé ou remboursé. {again}",
        UNTOUCHED,
    ]
