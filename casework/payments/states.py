"""Words of payments that are one of a few, and the French of each. Pure."""

from enum import StrEnum

from casework.files.states import STATUSES, TEXTS, FileStatus
from casework.files.status import ENDS


class MovementKind(StrEnum):
    """Which way money went. A file's balance is what came in, less what went out or was returned (P15)."""

    IN = "in"
    """It came, and counts towards the fee."""
    OUT = "out"
    """It went back to where it came from: refunded by us, or taken back by the bank."""
    RETURNED = "returned"
    """The instrument itself went back by post, uncashed."""


class Instrument(StrEnum):
    """With what a fee is paid: by card, or with one of five instruments by post and no other (PY-03)."""

    CARD = "card"
    """Online, by credit card (PY-02)."""
    CERTIFIED_CHEQUE = "certified_cheque"
    """A certified cheque drawn on a Canadian bank."""
    BROKER_CHEQUE = "broker_cheque"
    """A cheque issued by an exchange broker."""
    COMPANY_CHEQUE = "company_cheque"
    """A cheque of a Canadian company."""
    POSTAL_ORDER = "postal_order"
    """A money order of Canada Post."""
    BANK_DRAFT = "bank_draft"
    """A draft drawn on a Canadian bank."""


INSTRUMENTS = {
    Instrument.CARD: "Carte de crédit, en ligne",
    Instrument.CERTIFIED_CHEQUE: "Chèque certifié ou visé tiré d’une banque canadienne",
    Instrument.BROKER_CHEQUE: "Chèque émis par un agent de change",
    Instrument.COMPANY_CHEQUE: "Chèque d’une entreprise canadienne",
    Instrument.POSTAL_ORDER: "Mandat postal de Postes Canada",
    Instrument.BANK_DRAFT: "Traite bancaire tirée d’une banque canadienne",
}
"""Instrument -> what is read of it; the five by post in the words of PY-03."""

POSTAL = tuple(one for one in Instrument if one is not Instrument.CARD)
"""The five that come by post."""


class PaymentState(StrEnum):
    """Where the payment of a file stands, for whoever looks."""

    NOTHING = "nothing"
    """Nothing has come, and there is time."""
    PENDING = "pending"
    """Money is under way: the answer of the card's provider is awaited. Nothing is to be paid again."""
    PAID = "paid"
    """The whole fee is here."""
    REVERSED = "reversed"
    """It was here, and went back."""
    TO_DECIDE = "to_decide"
    """Money is here that no rule places: a person decides."""
    EXPIRED = "expired"
    """The days to pay are over. The office still waits for mail that came in time and is not entered yet."""
    NOT_DUE = "not_due"
    """The file has ended, and nothing is to be paid."""


PAYMENT_STATES = {
    PaymentState.NOTHING: "À payer",
    PaymentState.PENDING: "Paiement en cours de vérification",
    PaymentState.PAID: "Frais payés",
    PaymentState.REVERSED: "Paiement annulé, à vérifier",
    PaymentState.TO_DECIDE: "Paiement reçu, à examiner",
    PaymentState.EXPIRED: "Délai expiré",
    PaymentState.NOT_DUE: "Rien à payer",
}
"""State -> what its owner reads."""

PAYMENT_TEXTS = {
    PaymentState.NOTHING: "Les frais sont à payer en entier, au plus tard le jour indiqué.",
    PaymentState.PENDING: "Nous vérifions votre paiement. Ne payez pas de nouveau.",
    PaymentState.PAID: "Vos frais sont payés en entier. La confirmation est dans « Consultation des documents ».",
    PaymentState.REVERSED: "Le paiement a été annulé ou remboursé. Une personne vérifie votre dossier et vous écrira.",
    PaymentState.TO_DECIDE: (
        "Nous avons reçu un paiement. Une personne l’examine et vous écrira. Ne payez pas de nouveau."
    ),
    PaymentState.EXPIRED: (
        "Le dernier jour pour payer est passé. Un paiement reçu avant la fin de ce jour compte, même s’il n’est pas "
        "encore inscrit ici."
    ),
    PaymentState.NOT_DUE: "Rien n’est à payer pour cette demande.",
}
"""State -> what it means for its owner."""

OPENED = frozenset(
    {
        FileStatus.PAID,
        FileStatus.OPENED,
        FileStatus.AWAITING_DOCUMENTS,
        FileStatus.IN_EXAMINATION,
        FileStatus.DECIDED,
    }
)
"""Statuses of a file that is open: its fee is here, or its programme asks for none."""


AWAITS_SUPPLEMENT = OPENED - {FileStatus.DECIDED}
"""Statuses of an open file in which the fee of an amendment may be due."""


def file_words(status: FileStatus, is_over: bool) -> tuple[str, str]:
    """What the owner of a file reads of its status, and what it means. Between the last day to pay (`is_over`) and the
    end of the office's wait that is « Délai expiré » (PY-05)."""
    if status is FileStatus.AWAITING_PAYMENT and is_over:
        return PAYMENT_STATES[PaymentState.EXPIRED], PAYMENT_TEXTS[PaymentState.EXPIRED]
    return STATUSES[status], TEXTS[status]


def payment_state(
    status: FileStatus,
    *,
    balance: int,
    to_decide: bool,
    under_way: bool,
    is_over: bool,
    asks_fees: bool = True,
    supplement: bool = False,
) -> PaymentState:
    """Where the payment of a file stands, of its status, its balance in cents, whether money waits for a person or is
    under way at the card's provider, whether its last day to pay is over, and whether its rules ask for fees at all.
    With `supplement` one is due, and it is its payment that is meant."""
    if not asks_fees:
        return PaymentState.NOT_DUE
    is_open = status in OPENED
    if is_open and not supplement:
        return PaymentState.PAID
    if to_decide or (balance > 0 and status is FileStatus.AWAITING_PAYMENT):
        return PaymentState.TO_DECIDE
    if not is_open and status not in {FileStatus.AWAITING_PAYMENT, FileStatus.REVERSED}:
        return PaymentState.NOT_DUE
    if under_way:
        return PaymentState.PENDING
    if status is FileStatus.REVERSED:
        return PaymentState.REVERSED
    return PaymentState.EXPIRED if is_over else PaymentState.NOTHING


def shown_status(status: FileStatus, asks_fees: bool) -> FileStatus:
    """The status as its owner is told it: where no fees are asked for nothing is ever said to be awaited, though the
    file is opened a moment after its submission (PY-10)."""
    awaits = status is FileStatus.AWAITING_PAYMENT
    return FileStatus.OPENED if awaits and not asks_fees else status


class MoneyReason(StrEnum):
    """Why money of a file waits for a person (« argent à décider »)."""

    PARTIAL = "partial"
    """Less than the whole fee came by post, and went back (PY-04): the deletion of the file is proposed."""
    TOO_MUCH = "too_much"
    """More than the fee is here, or money for a file that is paid, or whose card is being asked."""
    LATE = "late"
    """The whole fee came by card after the last day to pay."""
    ENDED = "ended"
    """Money came by card for a file that has ended."""
    LAPSED = "lapsed"
    """Money came by card for an amendment that had lapsed unpaid: it goes back."""
    REVERSED = "reversed"
    """The fee went back after the file was paid."""
    OTHER_CURRENCY = "other_currency"
    """A card was charged in another currency than Canadian dollars: it is no money of the file."""
    REFUND_REFUSED = "refund_refused"
    """The card's provider does not give back what a person decided to give back."""
    REDATED = "redated"
    """Money by post that was taken as in time came after the last day, by a day that was put right: it is here, and the
    file stays as it is until a person has decided."""
    MISDATED = "misdated"
    """A payment by post came in time, by a day that was put right, and has gone back, or its file was deleted."""


MONEY_REASONS = {
    MoneyReason.PARTIAL: "Paiement partiel, retourné",
    MoneyReason.TOO_MUCH: "Montant de trop",
    MoneyReason.LATE: "Paiement par carte après le dernier jour",
    MoneyReason.ENDED: "Paiement par carte d’un dossier terminé",
    MoneyReason.LAPSED: "Paiement par carte d’une modification sans effet",
    MoneyReason.REVERSED: "Paiement annulé ou remboursé",
    MoneyReason.OTHER_CURRENCY: "Paiement par carte dans une autre devise",
    MoneyReason.REFUND_REFUSED: "Remboursement refusé par le service de paiement",
    MoneyReason.REDATED: "Date corrigée : reçu après le dernier jour",
    MoneyReason.MISDATED: "Date corrigée : reçu à temps, et retourné",
}
"""Reason -> what staff read."""


class MoneyAct(StrEnum):
    """What a person may decide of such money. Each is told by a letter, but `leave`."""

    ACCEPT = "accept"
    """The fee is accepted, and what is above it is refunded."""
    RETURN = "return"
    """All of it goes back."""
    KEEP = "keep"
    """All of it is kept for the file, what is above the fee too."""
    DELETE = "delete"
    """The file is deleted, as the rule has it (PY-04, PY-05)."""
    CHEQUE = "cheque"
    """It goes back by cheque, because the card does not take it."""
    MORE_DAYS = "more_days"
    """The file gets new days to pay, for its payment had come in time and was sent back."""
    LEAVE = "leave"
    """The file stays as it is, and can still be paid until its last day."""


MONEY_ACTS = {
    MoneyAct.ACCEPT: "Accepter les frais et rembourser le surplus",
    MoneyAct.RETURN: "Tout retourner",
    MoneyAct.KEEP: "Tout garder pour ce dossier",
    MoneyAct.DELETE: "Supprimer la demande",
    MoneyAct.CHEQUE: "Rembourser par chèque",
    MoneyAct.MORE_DAYS: "Donner de nouveaux jours pour payer",
    MoneyAct.LEAVE: "Laisser la demande en attente",
}
"""Act -> what its button says."""

ALLOWED = {
    MoneyReason.PARTIAL: (MoneyAct.DELETE, MoneyAct.LEAVE),
    MoneyReason.TOO_MUCH: (MoneyAct.ACCEPT, MoneyAct.RETURN, MoneyAct.KEEP),
    MoneyReason.LATE: (MoneyAct.RETURN, MoneyAct.ACCEPT),
    MoneyReason.ENDED: (MoneyAct.RETURN,),
    MoneyReason.LAPSED: (MoneyAct.RETURN,),
    MoneyReason.REVERSED: (MoneyAct.LEAVE, MoneyAct.DELETE),
    MoneyReason.OTHER_CURRENCY: (MoneyAct.RETURN, MoneyAct.LEAVE),
    MoneyReason.REFUND_REFUSED: (MoneyAct.RETURN, MoneyAct.CHEQUE, MoneyAct.LEAVE),
    MoneyReason.REDATED: (MoneyAct.KEEP, MoneyAct.RETURN, MoneyAct.CHEQUE),
    MoneyReason.MISDATED: (MoneyAct.MORE_DAYS, MoneyAct.LEAVE),
}
"""Reason -> what may be decided, in the order in which it is shown."""


def acts_of(reason: MoneyReason, status: FileStatus, *, supplement: bool = False) -> tuple[MoneyAct, ...]:
    """What may be decided of money of a file that stands so: of one that has ended nothing is accepted or kept, and
    nothing is deleted, and neither after a decision. New days to pay are for a file whose payment is awaited,
    or with `supplement` that of an amendment."""
    if status not in ENDS:
        awaits = status is FileStatus.AWAITING_PAYMENT or (supplement and status in AWAITS_SUPPLEMENT)
        never = set() if awaits else {MoneyAct.MORE_DAYS}
        never |= {MoneyAct.DELETE} if status is FileStatus.DECIDED else set()
        return tuple(act for act in ALLOWED[reason] if act not in never)
    return tuple(act for act in ALLOWED[reason] if act in {MoneyAct.RETURN, MoneyAct.CHEQUE, MoneyAct.LEAVE})
