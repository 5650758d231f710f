"""Where a task stands for an operator, and the French of it and of kinds of tasks. Pure."""

from enum import StrEnum

from foundation.outbox import TaskState


class TaskStand(StrEnum):
    """Where a task stands, as an operator counts it: of its row and the clock."""

    PLANNED = "planned"
    """Its instant is to come."""
    DUE = "due"
    """It may be done now, and no worker has it."""
    RUNNING = "running"
    """A worker has its lease."""
    SET_ASIDE = "set_aside"
    """It failed five times, or its workers never came back: a person is needed."""
    LEFT = "left"
    """A person leaves it undone."""
    DONE = "done"
    """Done."""


STANDS = {
    TaskStand.PLANNED: "Prévues",
    TaskStand.DUE: "Dues",
    TaskStand.RUNNING: "En cours",
    TaskStand.SET_ASIDE: "Mises de côté",
    TaskStand.LEFT: "Laissées",
    TaskStand.DONE: "Faites",
}
"""Stand -> the head of its column."""

KINDS = {
    "address_forgotten": "Adresse effacée d’une demande supprimée",
    "amendment_document": "Document d’une modification",
    "account_scan": "Recherche de doublons d’un compte",
    "annulment": "Lettre d’annulation",
    "broadcast_batch": "Envoi à un groupe, une partie",
    "card_compare": "Rapprochement des paiements par carte",
    "card_follow": "Suivi d’un paiement par carte",
    "card_hint": "Avis du service de paiement",
    "card_refund": "Remboursement par carte",
    "cession_scan": "Recherche de comptes cédés",
    "checklist_remind": "Rappel d’une liste de documents",
    "checklist_tell": "Avis sur une liste de documents",
    "confirmation": "Confirmation de la place dans le quota",
    "consultant_check": "Vérification d’un consultant au registre",
    "deadlines_move": "Délais déplacés par un jour férié",
    "draft_extend": "Brouillon prolongé",
    "draft_look": "Rappel ou fin d’un brouillon",
    "draft_move": "Brouillons à la nouvelle version du formulaire",
    "duplicate_scan": "Recherche de doublons d’une demande",
    "email_change": "Changement d’adresse de courriel",
    "exempt_confirmation": "Confirmation de réception, hors période",
    "file_opening": "Lettre d’ouverture de dossier",
    "mail": "Courriel à envoyer",
    "mail_pen_ends": "Fin de l’attente d’un envoi sans dossier",
    "mail_withdrawal": "Retrait reçu par la poste, à la fin de son jour",
    "missed_notice": "Avis d’essais de connexion",
    "payment_confirmation": "Confirmation de paiement",
    "payment_reminder": "Rappel de paiement",
    "payment_watch": "Échéances d’un paiement",
    "period_announced": "Annonce d’une période aux brouillons",
    "procuration_reminder": "Rappel d’une procuration",
    "recovery": "Renseignement perdu",
    "representative_signed": "Avis de signature par le représentant",
    "review_notice": "Avis de vérification",
    "review_recheck": "Vérification reprise",
    "switch_tell": "Avis d’une fonction à ceux qu’elle concerne",
    "switch_turn_on": "Mise en service d’une fonction",
    "unpaid_end": "Suppression d’une demande impayée",
}
"""Kind -> what it is called; any other kind is shown by its own name, so that none is hidden."""


def stand_of(state: str, due_at: int, leased_until: int, now: int) -> TaskStand:
    """Where a task stands at this instant; instants in milliseconds."""
    if state != TaskState.STAGED:
        return TaskStand(state)
    if leased_until > now:
        return TaskStand.RUNNING
    return TaskStand.PLANNED if due_at > now else TaskStand.DUE
