"""What can happen to a file, where a file then stands, and the French of each. Pure.

A status is derived from events and never stored (`status.py`); an event says one thing that happened, once.
"""

from enum import StrEnum


class FileEventKind(StrEnum):
    """Something that happened to a file after its submission. Once recorded, a kind keeps its meaning."""

    PAID = "paid"
    """The whole fee is here, in time (PY-01); the file is opened (DM-02)."""
    OPENED = "opened"
    """The programme asks for no fees, and the file is opened as soon as it is submitted (PY-10, DM-02)."""
    PAYMENT_REVERSED = "payment_reversed"
    """The fee went back: refunded, or taken back by the bank. The file waits for a person."""
    PAYMENT_REDATED = "payment_redated"
    """The day on which money of the file came was put right by two persons; `on_day` is the day that counts."""
    UNPAID_DELETED = "unpaid_deleted"
    """The days to pay are over, and the office no longer waits (PY-05); what remains is a tombstone."""
    RETURNED_DELETED = "returned_deleted"
    """The payment came in parts and went back (PY-04), and a person has decided."""
    WITHDRAWN = "withdrawn"
    """The candidate takes the application back."""
    CHECKLIST_SENT = "checklist_sent"
    """The personal list of documents went out (DC-01): 90 days begin. Again, where an amendment adds documents."""
    ITEM_SETTLED = "item_settled"
    """One item of the list was received, explained, refused or waived."""
    DOCUMENTS_COMPLETE = "documents_complete"
    """Every item of the list is settled: the examination begins (DC-03)."""
    DOCUMENTS_REOPENED = "documents_reopened"
    """Something is asked for again: the file waits for documents once more."""
    AMENDED = "amended"
    """A change to the frozen submission was added (PM-01, PM-03)."""
    SUPPLEMENT_PAID = "supplement_paid"
    """The fee of an amendment is here, in time: it counts (PM-01)."""
    SUPPLEMENT_REVERSED = "supplement_reversed"
    """The fee of an amendment went back: it counts no more."""
    AMENDMENT_LAPSED = "amendment_lapsed"
    """The fee of an amendment did not come in time: it has no effect, and the file is untouched (PM-01)."""
    AMENDMENT_GIVEN_UP = "amendment_given_up"
    """An amendment was given up before its fee was here: it has no effect, and the file is untouched (PM-01)."""
    AMENDMENT_RESTORED = "amendment_restored"
    """An amendment that had lapsed is awaited again, for the payment of its fee had come in time (PM-01)."""
    DEADLINE_MOVED = "deadline_moved"
    """A day was proclaimed a holiday, and a last day is later than it was."""
    DECIDED = "decided"
    """A decision was made; `detail` says which."""
    DECISION_REPLACED = "decision_replaced"
    """Another decision stands in place of the one before."""


class FileStatus(StrEnum):
    """Where a file stands (AC-10)."""

    AWAITING_PAYMENT = "awaiting_payment"
    """Submitted; the fee is awaited."""
    PAID = "paid"
    """Paid and opened; the list of documents is being prepared."""
    OPENED = "opened"
    """Opened without fees; the list of documents is being prepared."""
    REVERSED = "reversed"
    """The fee went back: a person looks at it."""
    AWAITING_DOCUMENTS = "awaiting_documents"
    """The list was sent; documents are awaited."""
    IN_EXAMINATION = "in_examination"
    """All documents are here."""
    DECIDED = "decided"
    """There is a decision."""
    UNPAID_DELETED = "unpaid_deleted"
    """Deleted, because it was not paid in time."""
    RETURNED_DELETED = "returned_deleted"
    """Deleted, because its payment came in parts."""
    WITHDRAWN = "withdrawn"
    """Taken back."""
    ANNULLED = "annulled"
    """Void with its whole period."""
    REMOVED = "removed"
    """Taken away by a decision on a claim."""
    DUPLICATE = "duplicate"
    """Another application of the same person counts."""
    CEDED = "ceded"
    """Refused: the account was ceded or sold."""


STATUSES = {
    FileStatus.AWAITING_PAYMENT: "Soumise, en attente du paiement",
    FileStatus.PAID: "Payée, dossier ouvert",
    FileStatus.OPENED: "Dossier ouvert",
    FileStatus.REVERSED: "Paiement annulé, à vérifier",
    FileStatus.AWAITING_DOCUMENTS: "Liste envoyée, documents attendus",
    FileStatus.IN_EXAMINATION: "Documents reçus, demande à l’étude",
    FileStatus.DECIDED: "Décision rendue",
    FileStatus.UNPAID_DELETED: "Supprimée, faute de paiement",
    FileStatus.RETURNED_DELETED: "Supprimée, paiement retourné",
    FileStatus.WITHDRAWN: "Retirée à votre demande",
    FileStatus.ANNULLED: "Annulée, avec toute la période de réception",
    FileStatus.REMOVED: "Retirée par une décision",
    FileStatus.DUPLICATE: "Doublon : une autre demande de la même personne compte",
    FileStatus.CEDED: "Refusée : compte cédé ou vendu",
}
"""Status -> what its owner reads."""

TEXTS = {
    FileStatus.AWAITING_PAYMENT: (
        "Les frais sont à payer au plus tard le jour indiqué, quel que soit le mode de paiement."
    ),
    FileStatus.PAID: (
        "Vos frais sont payés et votre dossier est ouvert. Vous recevrez ici la liste des documents à envoyer."
    ),
    FileStatus.OPENED: (
        "Ce programme ne demande aucuns frais, et votre dossier est ouvert. Vous recevrez ici la liste des documents à "
        "envoyer."
    ),
    FileStatus.REVERSED: "Le paiement a été annulé. Une personne vérifie votre dossier et vous écrira.",
    FileStatus.AWAITING_DOCUMENTS: "Envoyez par la poste les documents de votre liste, au plus tard le jour indiqué.",
    FileStatus.IN_EXAMINATION: "Tous les documents sont reçus. Vous n’avez rien à faire.",
    FileStatus.DECIDED: "La décision est dans « Consultation des documents ».",
    FileStatus.UNPAID_DELETED: "Les frais n’ont pas été reçus à temps. La demande a été supprimée.",
    FileStatus.RETURNED_DELETED: "Le paiement n’est pas venu en un seul envoi. La demande a été supprimée.",
    FileStatus.WITHDRAWN: "Vous avez retiré cette demande.",
    FileStatus.ANNULLED: "La période de réception a été annulée : rien n’est à payer.",
    FileStatus.REMOVED: "La raison est dans la lettre de décision.",
    FileStatus.DUPLICATE: "Votre autre demande suit son cours. Rien n’est à payer pour celle-ci.",
    FileStatus.CEDED: "La raison, et la façon de demander une révision, sont dans la lettre.",
}
"""Status -> what it means for its owner, and what is to be done."""

EVENTS = {
    FileEventKind.PAID: "Paiement reçu en entier",
    FileEventKind.OPENED: "Dossier ouvert, sans frais",
    FileEventKind.PAYMENT_REVERSED: "Paiement annulé",
    FileEventKind.PAYMENT_REDATED: "Date du paiement corrigée",
    FileEventKind.UNPAID_DELETED: "Demande supprimée, faute de paiement",
    FileEventKind.RETURNED_DELETED: "Demande supprimée, paiement retourné",
    FileEventKind.WITHDRAWN: "Demande retirée",
    FileEventKind.CHECKLIST_SENT: "Liste de documents envoyée",
    FileEventKind.ITEM_SETTLED: "Document de la liste traité",
    FileEventKind.DOCUMENTS_COMPLETE: "Tous les documents sont reçus, l’étude commence",
    FileEventKind.DOCUMENTS_REOPENED: "Des documents sont demandés de nouveau",
    FileEventKind.AMENDED: "Demande modifiée",
    FileEventKind.SUPPLEMENT_PAID: "Frais d’une modification payés, elle prend effet",
    FileEventKind.SUPPLEMENT_REVERSED: "Paiement des frais d’une modification annulé",
    FileEventKind.AMENDMENT_LAPSED: "Modification sans effet, frais non payés",
    FileEventKind.AMENDMENT_GIVEN_UP: "Modification abandonnée, sans effet",
    FileEventKind.AMENDMENT_RESTORED: "Modification rétablie",
    FileEventKind.DEADLINE_MOVED: "Échéance reportée",
    FileEventKind.DECIDED: "Décision rendue",
    FileEventKind.DECISION_REPLACED: "Décision remplacée",
}
"""Kind of event -> what its owner reads in « Suivi »."""
