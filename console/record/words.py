"""The record in French: what was done, from what to what, and by whom. Pure."""

from typing import Any

import msgspec

from accounts.acts import AccountAct
from casework.amendments import reviewing
from casework.amendments.states import AmendmentAct
from casework.mailbox.states import BROADCAST_ACTS
from casework.switches import plans, telling
from console.messages.writing import MESSAGE_SEND
from console.record.entries import RecordedAct
from console.staff.words import ROLES_FR
from console.states import AUDIT_WORDS, STANDS
from foundation import audit
from foundation.aside import retrying
from foundation.clock import montreal
from server.rendering.templating import clocktime, instant, number, weekday
from submission.drafts.lifetime.moving import FORMS_MOVE

OTHER_ACTS: dict[str, str] = {
    "card_refund": "Remboursement à la carte",
    AccountAct.KEYS_ROTATE: "Chiffrement renouvelé",
    AccountAct.SIGN_IN: "Connexion",
    AccountAct.SIGN_OUT: "Déconnexion",
    AccountAct.SIGN_IN_FAILED: "Connexion refusée",
    AccountAct.OPERATOR_ADD: "Membre du personnel ajouté",
    AccountAct.ROLE_GRANT: "Rôle accordé",
    AccountAct.ROLE_ASK: "Rôle demandé",
    AccountAct.ROLE_WITHDRAW: "Demande de rôle reprise",
    AccountAct.ROLE_DECLINE: "Rôle décliné",
    AccountAct.ROLE_END: "Rôle retiré",
    AccountAct.ACCOUNTS_IMPORT: "Comptes importés",
    AccountAct.SYNTHETIC_ADD: "Comptes d’essai créés",
    AccountAct.SYNTHETIC_REMOVE: "Comptes d’essai retirés",
    AccountAct.BOUNCES_TAKE: "Courriels revenus pris en compte",
    AccountAct.ACCOUNTS_ENCRYPT: "Renseignements chiffrés de nouveau",
    FORMS_MOVE: "Brouillons menés à une version du formulaire",
    AccountAct.GRANT: "Mesure d’adaptation accordée",
    "operator_password": "Mot de passe d’un membre du personnel changé",
    "operator_totp": "Second facteur d’un membre du personnel changé",
    "operator_remove": "Membre du personnel retiré",
    "file_search": "Dossier cherché",
    "file_open": "Dossier ouvert",
    "file_refused": "Ouverture d’un dossier refusée",
    "file_close": "Dossier refermé",
    "claim_accept": "Preuve d’un volet acceptée",
    "claim_refuse": "Preuve d’un volet refusée",
    "claim_remove": "Demande hors période retirée",
    "claim_reinstate": "Demande hors période rétablie",
    "account_invited": "Compte commencé par un agent",
    "migrate": "Tables mises à jour",
    "export": "Registre exporté",
    "audit_verify": "Registre vérifié",
    "override": "Vérification outrepassée",
    "consultants_import": "Registre des consultants importé",
    "paper_register_import": "Registre papier importé",
    "duplicates_scan": "Recherche de doublons demandée",
    "review_linked": "Comptes liés automatiquement",
    "review_requested": "Vérification demandée par la personne",
    "review_asked": "Question posée dans une vérification",
    "review_confirmed": "Vérification : confirmée",
    "review_dismissed": "Vérification : écartée",
    "review_undone": "Vérification : décision annulée",
    "review_rechecked": "Vérification remise à l’étude",
    "representative_declare": "Représentant déclaré",
    "representative_correct": "Représentant corrigé",
    "representative_receive": "Procuration reçue, gardée jusqu’au paiement",
    "representative_activate": "Procuration en vigueur",
    "representative_return": "Procuration retournée",
    "representative_undo_receipt": "Réception d’une procuration annulée",
    "representative_freeze": "Représentation suspendue par le registre",
    "representative_thaw": "Suspension d’une représentation levée",
    "representative_revoke": "Représentant révoqué",
    "representative_sign": "Demande signée par le représentant",
    reviewing.ACTS[AmendmentAct.ACKNOWLEDGE]: "Modification prise en compte",
    reviewing.ACTS[AmendmentAct.ASK]: "Précision demandée sur une modification",
    plans.PLAN: "Mise en service planifiée",
    plans.APPROVE: "Mise en service approuvée",
    plans.END: "Mise hors service",
    telling.TURN_ON: "Fonction mise en service",
    retrying.TASK_RETRY: "Tâche reprise",
    retrying.TASK_LEAVE: "Tâche laissée",
    retrying.MAIL_RETRY: "Courriel reposté",
    "proclaimed_day_enter": "Jour férié entré",
    "proclaimed_day_drop": "Jour férié entré, retiré",
    "proclaimed_day_confirm": "Jour férié proclamé",
    "mail_receive": "Pièce reçue par la poste",
    "mail_match": "Pièce rapprochée d’un dossier",
    "mail_set_aside": "Pièce mise de côté, à retourner",
    "mail_send_back": "Pièce retournée par la poste",
    "mail_correct": "Date d’une pièce corrigée",
    "mail_accept": "Pièce acceptée",
    "mail_correction_propose": "Correction d’une pièce proposée",
    "mail_correction_drop": "Correction d’une pièce laissée",
    "mail_export": "Liste du courrier emportée",
    "mail_undo": "Inscription d’une pièce annulée",
    **{str(act): words for act, words in BROADCAST_ACTS.items()},
    MESSAGE_SEND: "Message écrit à une personne",
    audit.LOOK: "Consultation",
    audit.REFUSED: "Action refusée",
    audit.FORGET_LOOKS: "Anciennes consultations effacées",
}
"""Acts that are not about a period -> what the page calls them."""

FIELD_WORDS: dict[str, str] = {
    "accepted": "Demandes acceptées",
    "account": "Compte",
    "accounts": "Comptes",
    "by": "Cherché par",
    "found": "Trouvés",
    "method": "Vérification",
    "purpose": "Contact",
    "result": "Résultat",
    "state": "État",
    "stream": "Volet",
    "announced_by": "Annoncée par",
    "asked": "Preuve demandée",
    "asked_role": "Rôle demandé",
    "asked_by": "Demandé par",
    "entry_code": "Code d’entrée remis",
    "calls_per_minute": "Appels par minute",
    "call": "Demande",
    "cap": "Places",
    "closes_at": "Fermeture",
    "code": "Refus",
    "commitment": "Empreinte",
    "cancelled": "Jetons annulés",
    "entries": "Inscriptions",
    "entries_from": "Inscriptions à partir de",
    "factor": "Facteur",
    "granted": "Rôles",
    "id": "Nom",
    "mode": "Ordre",
    "most_live_tokens": "Jetons en même temps",
    "is_new": "Nouveau",
    "kind": "Genre",
    "on_at": "À partir de",
    "name": "Fonction",
    "looks": "Avec les consultations",
    "move": "Pour",
    "findings": "Points outrepassés",
    "only": "Action choisie",
    "opens_at": "Ouverture",
    "since": "Depuis",
    "until": "Jusqu’à",
    "page": "Page",
    "message": "Message",
    "people": "Personnes",
    "delivered": "Déposés",
    "programme": "Programme",
    "reason": "Motif",
    "rules": "Empreinte des règles",
    "seed": "Clé du tirage",
    "sequence": "Jusqu’à la ligne",
    "roles": "Rôles",
    "sessions": "Sessions",
    "sessions_ended": "Sessions terminées",
    "stand": "État",
    "step": "Version",
    "suspended": "Soumissions arrêtées",
    "text": "Avis",
    "token_seconds": "Secondes par jeton",
    "totp": "Code à six chiffres",
    "username": "Nom d’utilisateur",
    "value": "Valeur publique",
    "value_is": "Valeur publique, nommée",
    "voided": "Demandes sans effet",
    "from_released": "Places libérées, offertes de nouveau",
    "about": "À propos de",
    "breaks": "Ruptures",
    "complete": "Jusqu’au bout",
    "lines": "Lignes relues",
    "whole": "Intact",
}
"""Names of values -> what the page calls them; another stands as it is."""

SUBJECTS: dict[str, str] = {
    "account": "Compte",
    "operator": "Membre du personnel",
    "period": "Période",
    "submission": "Demande soumise",
    "mail_item": "Pièce reçue par la poste",
    "message": "Message",
    "review": "Vérification d’un doublon ou d’une cession",
    "exempt_claim": "Preuve d’un volet",
    "amendment": "Modification",
    "feature_switch": "Fonction",
    "representative": "Représentant",
    "mail": "Courriel",
    "task": "Tâche",
    "charge": "Paiement par carte",
    "draft": "Brouillon",
}
"""Kinds of what a line is about -> what the page calls them; another stands as it is."""

HIDDEN = frozenset({"key", "hash", "through"})
"""Names that say nothing to a person."""

ACTORS = {
    audit.SERVICE: "le service",
    audit.COMMAND_LINE: "la ligne de commande",
    audit.UNKNOWN: "inconnu",
    "candidate": "la candidate ou le candidat",
}
"""Reserved names -> what the page calls them."""

STAND_WORDS = {str(stand): words[0].lower() for stand, words in STANDS.items()}

ROLE_WORDS = {str(role): words for role, words in ROLES_FR.items()}

OF_ROLES = frozenset({"roles", "granted", "asked_role"})
"""Names of values that are roles."""

NOTHING = "rien"
"""What stands where there is no value."""


class ChangeWords(msgspec.Struct, frozen=True):
    """One value that an act changed, in words; `before` is empty where there was none to change."""

    name: str
    before: str
    after: str


class EntryWords(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record, as the page shows it."""

    id: int
    when: str
    actor: str
    what: str
    period: str
    about: str
    changes: list[ChangeWords]
    reason: str


def entry_words(line: RecordedAct, now: int) -> EntryWords:
    """A line in French, at this instant."""
    role = " (ligne de commande)" if line.role == audit.COMMAND_LINE != line.actor else ""
    return EntryWords(
        id=line.id,
        when=when_words(line.at, now),
        actor=f"{actor_words(line.actor)}{role}",
        what=act_words(line.act),
        period=line.period or "",
        about=about_words(line),
        changes=changes(line),
        reason=line.reason or "",
    )


def act_words(act: str) -> str:
    """What the page calls an act; one that a later release wrote stands as it is."""
    known = {str(one): words for one, words in AUDIT_WORDS.items()} | OTHER_ACTS
    return known.get(act, act)


def subject_words(kind: str) -> str:
    """What the page calls a kind of thing; one that a later release wrote stands as it is."""
    return SUBJECTS.get(kind, kind)


def about_words(line: RecordedAct) -> str:
    """What a line is about, by its kind and number; empty where it is a period, which has a name."""
    if line.subject_kind is None or line.period is not None:
        return ""
    return f"{subject_words(line.subject_kind)} {line.subject_id or ''}".strip()


def actor_words(name: str) -> str:
    """Who it was."""
    return ACTORS.get(name, name)


def changes(line: RecordedAct) -> list[ChangeWords]:
    """What was changed, from what to what; then what else there is to say of it. A value that stayed is not said."""
    before, after = line.before or {}, line.after or {}
    found = [
        ChangeWords(
            FIELD_WORDS.get(name, name),
            "" if before.get(name) is None else value_words(name, before[name]),
            value_words(name, after[name]) if name in after else NOTHING,
        )
        for name in [*after, *(name for name in before if name not in after)]
        if name not in HIDDEN and before.get(name, ...) != after.get(name, ...)
    ]
    told = [(name, value) for name, value in line.detail.items() if name not in HIDDEN]
    return found + [
        ChangeWords(FIELD_WORDS.get(name, name), "", value_words(name, value)) for name, value in told
    ]


def value_words(name: str, value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float) and (name.endswith("_at") or name == "entries_from"):
        return f"{weekday(int(value)).split()[0]} {instant(int(value))}"
    if isinstance(value, int):
        return number(value)
    if name == "stand" and value in STAND_WORDS:
        return STAND_WORDS[value]
    if name in OF_ROLES:
        listed = value if isinstance(value, list) else [value]
        return ", ".join(ROLE_WORDS.get(str(one), str(one)) for one in listed)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    return str(value)


def when_words(at: int, now: int) -> str:
    """The time of day, to the second; before today, the day too."""
    if montreal(at).date() == montreal(now).date():
        return clocktime(at)
    return f"{weekday(at)}, {clocktime(at)}"
