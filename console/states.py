"""What operators see and press, and its French: states, moves, adjustments, and lines of the audit."""

from enum import StrEnum

from quota.states import Action, PeriodAct, Stand


class Adjustment(StrEnum):
    """What an operator changes of a period without moving it, by the word in the page's addresses."""

    PACE = "pace"
    """Calls a minute, and live tokens at once."""
    NOTICE = "notice"
    """A message on every waiting screen."""
    CLEAR_NOTICE = "clear_notice"
    """The message taken away."""
    VALUE = "value"
    """The public value of a draw."""
    ASK_PROOF = "ask_proof"
    """A proof of work owed with each number (ADR 0012)."""
    WAIVE_PROOF = "waive_proof"
    """None owed any more."""


class Reached(StrEnum):
    """Which half of the kill switch was reached in time."""

    BOTH = "both"
    """SQL has the stop, and the line could be told."""
    SQL = "sql"
    """SQL has the stop; the line answers nobody, so nobody can be called anyway."""
    REDIS = "redis"
    """The line has the mark; SQL answers nobody, so nobody can submit anyway, and hears of it when it is back."""
    NEITHER = "neither"
    """No store answered: nobody is served now, but nothing keeps it so when they are back."""


STANDS = {
    Stand.DRAFT: ("Brouillon", "Personne d’autre que les opérateurs ne voit cette période."),
    Stand.ANNOUNCED: (
        "Annoncée",
        "Le public voit les dates et le nombre de places. La période n’ouvrira que si elle est armée.",
    ),
    Stand.ARMED: ("Armée", "Elle ouvrira d’elle-même à l’instant prévu."),
    Stand.OPEN: (
        "Ouverte",
        "Les numéros sont donnés, les personnes sont appelées, les demandes sont reçues.",
    ),
    Stand.PAUSED: (
        "En pause",
        "Personne n’est appelé et le temps des jetons est arrêté. Les entrées et les soumissions continuent.",
    ),
    Stand.SUSPENDED: (
        "Suspendue",
        "Ni appels, ni soumissions; le temps des jetons est arrêté. Les numéros sont conservés.",
    ),
    Stand.CAP_REACHED: (
        "Nombre maximal atteint",
        "La dernière place est prise. La période s’est fermée d’elle-même.",
    ),
    Stand.CLOSED: ("Fermée", "Personne n’est plus appelé. Les jetons qui étaient en cours peuvent finir."),
    Stand.CLOSED_SUSPENDED: (
        "Fermée, soumissions suspendues",
        "Personne n’est plus appelé et personne ne peut soumettre : la période a pris fin pendant une suspension. Le "
        "temps des jetons en cours est arrêté jusqu’à une reprise ou une annulation.",
    ),
    Stand.ANNULLED: (
        "Annulée",
        "Rien de cette période ne compte plus. Chaque personne dont la demande avait été reçue reçoit une lettre.",
    ),
}
"""Stand -> its name and one sentence of what it means."""

ACTIONS = {
    Action.ANNOUNCE: ("Annoncer", "Rend publics les dates, le nombre de places et les règles."),
    Action.ARM: ("Armer", "La période ouvrira d’elle-même à l’instant prévu."),
    Action.DISARM: ("Désarmer", "Revient à l’annonce : la période n’ouvrira plus d’elle-même."),
    Action.PAUSE: ("Mettre en pause", "Arrête les appels et le temps des jetons."),
    Action.RESUME: ("Reprendre", "Les appels et le temps des jetons repartent."),
    Action.SUSPEND: ("Suspendre", "Arrête aussi les soumissions : pour un incident."),
    Action.CLOSE: (
        "Fermer…",
        "Met fin à la période. Ne se défait pas; une confirmation est demandée.",
    ),
    Action.ANNUL: (
        "Annuler la période…",
        "Reprend tout : jetons et demandes reçues. Ne se défait pas; le motif est lu par tout le monde.",
    ),
}
"""Move of an operator -> the words on its button and what it does."""

STOPPED: dict[Reached, tuple[str, ...]] = {
    Reached.BOTH: ("Les appels et les soumissions sont arrêtés.",),
    Reached.SQL: (
        "Les appels et les soumissions sont arrêtés.",
        "Redis ne répond pas : les écrans d’attente ne le montrent pas encore. Cela ne change rien à l’arrêt, "
        "puisque personne n’est appelé sans Redis.",
    ),
    Reached.REDIS: (
        "Les appels et les soumissions sont arrêtés.",
        "La base de données ne répond pas : personne ne peut soumettre sans elle. L’arrêt est gardé dans Redis et sera "
        "inscrit dans la base dès qu’elle répondra; rien ne reprendra entre-temps.",
    ),
    Reached.NEITHER: (
        "L’arrêt n’est pas encore fait : ni la base de données ni Redis n’ont répondu.",
        "Personne n’est servi tant qu’ils ne répondent pas, mais rien n’empêche le service de reprendre ensuite. "
        "Recommencez jusqu’à ce que l’arrêt soit confirmé.",
    ),
}
"""What an operator reads after the kill switch."""

NOT_ARMED = "La période n’est pas armée : elle n’ouvrira pas."
"""The same where nothing had begun yet."""

DONE: dict[Action | Adjustment | PeriodAct, str] = {
    Action.ANNOUNCE: "La période est annoncée.",
    Action.ARM: "La période est armée.",
    Action.DISARM: "La période est désarmée.",
    Action.ANNUL: "La période est annulée.",
    Action.PAUSE: "La période est en pause.",
    Action.RESUME: "La période a repris.",
    Action.SUSPEND: "La période est suspendue.",
    Action.CLOSE: "La période est fermée.",
    Adjustment.PACE: "Le nouveau rythme est en vigueur.",
    Adjustment.NOTICE: "L’avis est affiché.",
    Adjustment.CLEAR_NOTICE: "L’avis est retiré.",
    Adjustment.VALUE: "La valeur publique est enregistrée.",
    Adjustment.ASK_PROOF: "Une preuve de travail est demandée avec chaque nouveau numéro.",
    Adjustment.WAIVE_PROOF: "La preuve de travail n’est plus demandée.",
    PeriodAct.STOP: STOPPED[Reached.BOTH][0],
}
"""What the page says after a button."""

AUDIT_WORDS: dict[Action | PeriodAct, str] = {
    PeriodAct.CREATE: "Création",
    Action.ANNOUNCE: "Annonce",
    Action.ARM: "Armement",
    Action.DISARM: "Désarmement",
    Action.ANNUL: "Annulation",
    PeriodAct.ASK_ANNUL: "Annulation demandée",
    PeriodAct.CORRECT: "Correction du brouillon",
    PeriodAct.REMOVE: "Suppression du brouillon",
    PeriodAct.FREEZE_RULES: "Règles figées",
    Action.OPEN: "Ouverture",
    Action.PAUSE: "Mise en pause",
    Action.RESUME: "Reprise",
    Action.SUSPEND: "Suspension",
    Action.REACH_CAP: "Nombre maximal atteint",
    Action.CLOSE: "Fermeture",
    PeriodAct.PACE: "Rythme",
    PeriodAct.NOTICE: "Avis affiché",
    PeriodAct.CLEAR_NOTICE: "Avis retiré",
    PeriodAct.RULE: "Règle d’ordre",
    PeriodAct.COMMIT: "Empreinte de la clé du tirage",
    PeriodAct.VALUE: "Valeur publique du tirage",
    PeriodAct.FREEZE: "Inscriptions closes",
    PeriodAct.DRAW: "Tirage",
    PeriodAct.PROOF: "Preuve de travail",
    PeriodAct.STOP: "Arrêt d’urgence",
    PeriodAct.RESTORED: "Base rétablie à partir d’une copie",
    PeriodAct.ACKNOWLEDGE: "Perte reconnue",
}
"""Act in the audit of a period -> what the page calls it."""


def stopped_words(reached: Reached, stand: Stand | None) -> tuple[str, ...]:
    """What an operator reads after the kill switch, where the period stands so since (None where SQL is away)."""
    first, *others = STOPPED[reached]
    if stand in (Stand.DRAFT, Stand.ANNOUNCED) and reached is not Reached.NEITHER:
        first = NOT_ARMED
    return first, *others


def done_words(word: str) -> str:
    """What the page says after the button of this word in its address; nothing for another word."""
    return {str(button): words for button, words in DONE.items()}.get(word, "")


def audit_words(act: str) -> str:
    """What the page calls an act; an act that a later release wrote stands as it is."""
    return {str(known): words for known, words in AUDIT_WORDS.items()}.get(act, act)
