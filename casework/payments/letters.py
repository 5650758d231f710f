"""The letters about money: blocks as data, filed among the documents and announced in the mailbox (PY-04, PY-05).

The same function files a letter and says in the mailbox that it is there, in the transaction of what it is about.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework import documents
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.documents import DocumentKind, UnfiledDocument
from casework.files.sheet import FileSheet, sheet
from casework.files.states import FileEventKind
from casework.letters.letterhead import NO_SENDER, letterhead, senders, signed
from casework.letters.payment_letters import LetterWords
from casework.mailbox.delivery import deliver
from casework.mailbox.filed import file_and_announce
from casework.mailbox.store import message
from casework.payments.postal import PostalJudgement, PostalVerdict
from casework.payments.services import PaymentServices
from casework.payments.states import INSTRUMENTS, Instrument, MoneyAct, MoneyReason
from foundation.money import dollars
from foundation.subjects import Subject
from quota.frozen_rules import announced_name
from server.rendering.templating import day_words, instant
from submission.store import SUBMISSION


class MoneyLetter(NamedTuple):
    """A letter before it is filed: its kind and title, what it says, and the facts after those of the file."""

    kind: DocumentKind
    title: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]


RETURNED_TITLE = "Paiement retourné"

RETURNED_FOR = {
    PostalVerdict.OTHER_INSTRUMENT: (
        "Nous vous retournons votre paiement par la poste, parce qu’il n’a pas été fait avec l’un des modes de "
        "paiement acceptés. Votre demande n’est pas payée : vous pouvez encore la payer, en entier, jusqu’au dernier "
        "jour indiqué."
    ),
    PostalVerdict.ENDED: (
        "Nous vous retournons votre paiement par la poste, parce que cette demande n’est plus en traitement : rien "
        "n’est à payer."
    ),
    PostalVerdict.NO_FEE: (
        "Nous vous retournons votre paiement par la poste, parce qu’aucuns frais ne sont fixés pour cette demande."
    ),
    PostalVerdict.LATE: (
        "Nous vous retournons votre paiement par la poste, parce qu’il a été reçu après le dernier jour pour payer. "
        "C’est le jour de la réception qui compte, non celui du cachet de la poste."
    ),
    PostalVerdict.SUPPLEMENT_OTHER_INSTRUMENT: (
        "Nous vous retournons votre paiement par la poste, parce qu’il n’a pas été fait avec l’un des modes de "
        "paiement acceptés. Les frais de votre modification peuvent encore être payés, en entier, jusqu’au dernier "
        "jour indiqué."
    ),
    PostalVerdict.SUPPLEMENT_LATE: (
        "Nous vous retournons votre paiement par la poste, parce que le dernier jour pour payer les frais de votre "
        "modification était passé quand nous l’avons reçu. Votre demande reste telle qu’elle était."
    ),
    PostalVerdict.SUPPLEMENT_GIVEN_UP: (
        "Nous vous retournons votre paiement par la poste, parce que vous avez abandonné la modification à laquelle il "
        "se rapporte : ses frais ne sont plus à payer. Votre demande reste telle qu’elle était."
    ),
    PostalVerdict.SUPPLEMENT_PARTIAL: (
        "Nous vous retournons votre paiement par la poste, parce que le montant exigé doit être envoyé en entier et "
        "en un seul envoi. Les frais de votre modification peuvent encore être payés jusqu’au dernier jour indiqué."
    ),
    PostalVerdict.PARTIAL: (
        "Nous vous retournons votre paiement par la poste, parce que le montant exigé doit être envoyé en entier et "
        "en un seul envoi. La règle prévoit alors la suppression de la demande : une personne en décidera et vous "
        "écrira."
    ),
}
"""Why a payment goes back -> what its letter says."""

OF_INSTRUMENTS = frozenset({PostalVerdict.OTHER_INSTRUMENT, PostalVerdict.SUPPLEMENT_OTHER_INSTRUMENT})

REMINDED_OF_MODES = (
    "Par la poste, les modes de paiement acceptés sont : "
    + "; ".join(
        INSTRUMENTS[one][0].lower() + INSTRUMENTS[one][1:] for one in Instrument if one is not Instrument.CARD
    )
    + "."
)


def returned(judged: PostalJudgement) -> MoneyLetter:
    """The letter that goes with a payment that is returned. KeyError for one that is not, or has no file."""
    again = [REMINDED_OF_MODES] if judged.verdict in OF_INSTRUMENTS else []
    facts = [
        ("Montant retourné", dollars(judged.payment.cents)),
        ("Reçu le", day_words(judged.payment.received_on)),
        *([] if judged.fee is None else [("Montant exigé", dollars(judged.fee))]),
        *([] if judged.pay_by is None else [("Dernier jour pour payer", day_words(judged.pay_by))]),
    ]
    return MoneyLetter(
        DocumentKind.PAYMENT_RETURNED, RETURNED_TITLE, [RETURNED_FOR[judged.verdict], *again], facts
    )


DECIDED_TITLE = "Décision sur un paiement reçu"

DECIDED = {
    MoneyAct.ACCEPT: (
        "Une personne a examiné votre paiement. Les frais de votre demande sont payés; ce qui dépasse le montant exigé "
        "vous est remboursé."
    ),
    MoneyAct.RETURN: "Une personne a examiné votre paiement. Il vous est remis en entier.",
    MoneyAct.CHEQUE: (
        "Votre carte n’a pas accepté le remboursement. Il vous est fait par chèque, qui part par la poste."
    ),
    MoneyAct.KEEP: (
        "Une personne a examiné votre paiement. Il est gardé en entier pour votre dossier : les frais sont payés, et "
        "ce qui dépasse le montant exigé est porté à votre dossier."
    ),
    MoneyAct.MORE_DAYS: (
        "Votre paiement était arrivé à temps, et nous vous l’avons retourné par erreur. Vos frais peuvent être payés "
        "de nouveau, en entier, en ligne par carte ou par la poste, jusqu’au jour indiqué; votre demande n’est pas "
        "supprimée d’ici là."
    ),
}
"""Act -> what its letter says; a deletion has a letter of its own, and nothing is said of what is left as it is."""


BY_CHEQUE = (
    "Une personne a examiné votre paiement. Il vous est remis en entier par chèque, qui part par la poste."
)
"""What it says of money that had not come by card."""


MORE_DAYS_FOR_AMENDMENT = (
    "Votre paiement était arrivé à temps, et nous vous l’avons retourné par erreur. Les frais de la modification "
    "{amendment} peuvent être payés de nouveau, en entier, en ligne par carte ou par la poste, jusqu’au jour indiqué; "
    "votre dossier suit son cours."
)
"""The same of new days for the fee of an amendment."""


AMENDMENT_RESTORED = (
    "Cette modification, que nous avions tenue pour sans effet, est rétablie : vous n’avez pas à la signaler de "
    "nouveau. Elle prend effet une fois ses frais payés."
)
"""What is added of one that had lapsed."""


def decided(
    act: MoneyAct,
    amount: str,
    on_day: date,
    surplus: int,
    why: str,
    *,
    by_post: bool = False,
    until: date | None = None,
    amendment: int | None = None,
    restored: bool = False,
) -> MoneyLetter:
    """The letter of a decision on money; `until` is a new last day to pay, of the fee or of that of an `amendment`,
    which had lapsed where it is `restored`. KeyError for an act that has none."""
    above = [("Surplus", dollars(surplus))] if surplus and act in {MoneyAct.ACCEPT, MoneyAct.KEEP} else []
    days = [] if until is None else [("Nouveau dernier jour pour payer", day_words(until))]
    facts = [("Montant reçu", amount), ("Reçu le", day_words(on_day)), *above, *days, ("Motif", why)]
    said = BY_CHEQUE if by_post and act is MoneyAct.CHEQUE else DECIDED[act]
    if amendment is not None:
        said = MORE_DAYS_FOR_AMENDMENT.format(amendment=amendment)
    more = [AMENDMENT_RESTORED] if restored else []
    return MoneyLetter(DocumentKind.PAYMENT_DECISION, DECIDED_TITLE, [said, *more], facts)


HELD_TITLE = "Paiement reçu, à examiner"

REVERSED_TITLE = "Paiement annulé ou remboursé"

REFUSED_TITLE = "Remboursement à examiner"

HELD = {
    MoneyReason.TOO_MUCH: (
        "Nous avons reçu un paiement dont le montant n’est pas celui qui est attendu. Une personne l’examine et vous "
        "écrira. Ne payez pas de nouveau."
    ),
    MoneyReason.LATE: (
        "Nous avons reçu un paiement après le dernier jour pour payer. Une personne l’examine et vous écrira."
    ),
    MoneyReason.ENDED: (
        "Nous avons reçu un paiement pour une demande qui n’est plus en traitement. Une personne l’examine et vous "
        "écrira."
    ),
    MoneyReason.LAPSED: (
        "Nous avons reçu un paiement pour une modification qui n’a plus d’effet. Une personne l’examine et vous le "
        "remettra."
    ),
    MoneyReason.REFUND_REFUSED: (
        "Le service de paiement n’a pas pu faire le remboursement sur votre carte. Une personne l’examine et vous "
        "écrira."
    ),
    MoneyReason.OTHER_CURRENCY: (
        "Nous avons reçu un paiement par carte dans une autre devise que le dollar canadien : il ne peut pas servir à "
        "payer les frais. Une personne l’examine et vous écrira. Ne payez pas de nouveau avant sa réponse."
    ),
    MoneyReason.REVERSED: (
        "Le paiement de vos frais a été annulé ou remboursé. Une personne vérifie votre dossier et vous écrira."
    ),
    MoneyReason.REDATED: (
        "La date de réception de votre paiement avait été mal inscrite : il est arrivé après le dernier jour pour "
        "payer. Votre dossier reste comme il est pendant qu’une personne l’examine; elle vous écrira."
    ),
    MoneyReason.MISDATED: (
        "La date de réception d’un de vos paiements avait été mal inscrite : il était arrivé à temps, et nous l’avons "
        "tenu pour arrivé trop tard. Une personne examine votre dossier et vous écrira. Si votre demande attend encore "
        "son paiement, elle n’est pas supprimée entre-temps, et un paiement envoyé de nouveau, en entier, sera examiné."
    ),
}
"""Why money waits -> what the message in the mailbox says; of a partial payment the letter says everything."""


REDATED_TITLE = "Date de votre paiement corrigée"

REDATED = (
    "Votre paiement a été reçu le {day}, et non le {was} comme nous l’avions inscrit. Rien d’autre ne change."
)

TAKEN_BACK_TITLE = "Lettre déposée par erreur"

TAKEN_BACK = (
    "La lettre « Paiement retourné » a été déposée aujourd’hui dans votre dossier par erreur : n’en tenez pas compte. "
    "Rien n’a changé pour votre demande."
)

DELETED_TITLE = "Suppression de votre demande"

DELETED = {
    FileEventKind.UNPAID_DELETED: (
        "Les frais de votre demande n’ont pas été reçus en entier au plus tard le dernier jour pour payer. Comme la "
        "règle le prévoit, la demande a été supprimée."
    ),
    FileEventKind.RETURNED_DELETED: (
        "Le paiement de votre demande n’a pas été fait en entier et en un seul envoi, et il vous a été retourné. "
        "Comme la règle le prévoit, une personne a décidé que la demande est supprimée."
    ),
}
"""Event -> what the letter of a deletion says."""

WHAT_REMAINS = (
    "Vos réponses au formulaire sont détruites. Nous gardons le numéro du dossier, les dates et les paiements "
    "inscrits; votre adresse postale est gardée pour retourner un paiement qui arriverait encore, jusqu’au {day}. Un "
    "paiement reçu après le dernier jour est retourné, et ne rétablit pas la demande."
)


def deleted(kind: FileEventKind, pay_by: date, return_until: date, why: str | None) -> MoneyLetter:
    """The letter of a deletion. KeyError for an event that is none."""
    facts = [("Dernier jour pour payer", day_words(pay_by)), *([] if why is None else [("Motif", why)])]
    said = [DELETED[kind], WHAT_REMAINS.format(day=day_words(return_until))]
    return MoneyLetter(DocumentKind.FILE_DELETED, DELETED_TITLE, said, facts)


def blocks_of(letter: MoneyLetter, head: FileSheet, words: LetterWords, now: int) -> list[Block]:
    """The letter as it is filed: about the file of `head` alone (P14). Pure."""
    about = [
        Fact("Nom", strong(head.identity.full_name)),
        Fact("Programme", plain(words.programme)),
        Fact("Dossier", strong(head.number)),
        Fact("Accusé de réception", plain(head.receipt)),
    ]
    return [
        letterhead(words.sender, head.identity.full_name, head.address, head.submission, now),
        Heading(letter.title, level=1),
        *(Paragraph(plain(text)) for text in letter.paragraphs),
        Facts([*about, *(Fact(label, plain(value)) for label, value in letter.facts)]),
        *signed(words.sender, now),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


async def send(
    conn: AsyncConnection, services: PaymentServices, number: int, letter: MoneyLetter, now: int, *, key: str
) -> str:
    """File a letter in the account of a file, and say in the mailbox that it is there; the document's id. Whoever calls
    holds the file's lock, calls once a key, and calls at the end: filing takes the audit's lock."""
    head, subject = await sheet(conn, services.personal, number), Subject.row(SUBMISSION, number)
    names = {id: one.name for id, one in services.programmes.items()}
    sender = senders(services.programmes).get(head.programme, NO_SENDER)
    words = LetterWords(announced_name(head.rules, head.programme, names), sender)
    serial = await documents.next_serial(conn, subject, letter.kind)
    content = blocks_of(letter, head, words, now)
    one = UnfiledDocument(head.account, subject, letter.kind, letter.title, content, now, serial)
    return await file_and_announce(conn, services.mailbox, one, key=key)


async def tell(
    conn: AsyncConnection,
    services: PaymentServices,
    number: int,
    title: str,
    paragraphs: Sequence[str],
    now: int,
    *,
    key: str,
) -> str:
    """Put a message about a file into its account's mailbox, once a key; its id."""
    head, subject = await sheet(conn, services.personal, number), Subject.row(SUBMISSION, number)
    content: list[Block] = [Paragraph(plain(text)) for text in paragraphs]
    return await deliver(conn, services.mailbox, head.account, subject, title, content, now, key=key)


async def was_told(conn: AsyncConnection, key: str) -> bool:
    """Whether a message of this key is in a mailbox."""
    return (await conn.execute(sa.select(message.c.id).where(message.c.key == key))).first() is not None
