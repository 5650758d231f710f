"""The French of the operators' page: states, moves, and lines of the audit."""

STANDS = {
    "draft": ("Brouillon", "Personne d’autre que les opérateurs ne voit cette période."),
    "announced": (
        "Annoncée",
        "Le public voit les dates et le nombre de places. Elle n’ouvrira que si elle est armée.",
    ),
    "armed": ("Armée", "Elle ouvrira d’elle-même à l’instant prévu."),
    "open": ("Ouverte", "Les numéros sont donnés, les personnes sont appelées, les demandes sont reçues."),
    "paused": (
        "En pause",
        "Personne n’est appelé et le temps des jetons est arrêté. Les entrées et les soumissions continuent.",
    ),
    "suspended": (
        "Suspendue",
        "Ni appels, ni soumissions; le temps des jetons est arrêté. Les numéros sont conservés.",
    ),
    "cap_reached": (
        "Nombre maximal atteint",
        "La dernière place est prise. La période s’est fermée d’elle-même.",
    ),
    "closed": ("Fermée", "Personne n’est plus appelé. Les jetons qui étaient en cours peuvent finir."),
}
"""Stand -> its name and one sentence of what it means."""

ACTIONS = {
    "announce": ("Annoncer", "Rend publics les dates, le nombre de places et les règles."),
    "arm": ("Armer", "La période ouvrira d’elle-même à l’instant prévu."),
    "pause": ("Mettre en pause", "Arrête les appels et le temps des jetons."),
    "resume": ("Reprendre", "Les appels et le temps des jetons repartent."),
    "suspend": ("Suspendre", "Arrête aussi les soumissions : pour un incident."),
    "close": ("Fermer…", "Met fin à la période. Ne se défait pas; une confirmation est demandée."),
}
"""Move -> the words on its button and what it does."""

DONE = {
    "announce": "La période est annoncée.",
    "arm": "La période est armée.",
    "pause": "La période est en pause.",
    "resume": "La période a repris.",
    "suspend": "La période est suspendue.",
    "close": "La période est fermée.",
    "pace": "Le nouveau rythme est en vigueur.",
    "notice": "L’avis est affiché.",
    "clear_notice": "L’avis est retiré.",
    "value": "La valeur publique est enregistrée.",
    "ask_proof": "Une preuve de travail est demandée avec chaque nouveau numéro.",
    "waive_proof": "La preuve de travail n’est plus demandée.",
}
"""What the page says after a button, by the word in its address."""

AUDIT_WORDS = {
    "create": "Création",
    "announce": "Annonce",
    "arm": "Armement",
    "open": "Ouverture",
    "pause": "Mise en pause",
    "resume": "Reprise",
    "suspend": "Suspension",
    "reach_cap": "Nombre maximal atteint",
    "close": "Fermeture",
    "pace": "Rythme",
    "notice": "Avis affiché",
    "clear_notice": "Avis retiré",
    "rule": "Règle d’ordre",
    "commit": "Empreinte de la clé du tirage",
    "value": "Valeur publique du tirage",
    "freeze": "Inscriptions closes",
    "draw": "Tirage",
    "proof": "Preuve de travail",
}
