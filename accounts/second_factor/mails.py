"""What the owner of an account is told of its second factor: no personal data, never the user name."""

from accounts.own_account.mails import NOT_YOU
from foundation.mail.outgoing import Mail

SET, REMOVED = "factor_set", "factor_removed"
"""Kinds of these messages."""


def factor(to: str, *, is_set: bool) -> Mail:
    """It was set up, or taken away."""
    title = "Un code de vérification protège votre compte" if is_set else "Le code de vérification est retiré"
    said = (
        "Votre compte demande maintenant un code de vérification à chaque connexion, aussi le jour de la soumission."
        if is_set
        else "Votre compte ne demande plus de code de vérification à la connexion."
    )
    paragraphs = ("Bonjour,", said, "Si c’était vous, vous n’avez rien à faire.", NOT_YOU)
    return Mail(to, SET if is_set else REMOVED, title, "\n\n".join(paragraphs) + "\n")
