"""The messages of a change of address: to the old one and to the new one. No personal data, never the user name."""

from accounts.recovery.mails import text_of
from foundation.mail.outgoing import Mail

ASKED, CONFIRM, TAKEN, CHANGED = (
    "email_change_asked",
    "email_change_confirm",
    "address_taken",
    "email_changed",
)
"""Kinds of these messages."""

CANCELLED = "email_change_cancelled"


def asked(to: str, token: str, days: int, public_url: str) -> Mail:
    """Told to the old address, which can still say no."""
    return Mail(
        to,
        ASKED,
        "Votre adresse de courriel va changer",
        text_of(
            (
                "Bonjour,",
                f"Un changement d’adresse de courriel vient d’être demandé dans votre compte. Il prendra effet dans "
                f"{days} jours; d’ici là, cette adresse-ci reste celle de votre compte.",
                "Si c’était vous, vous n’avez rien à faire.",
                "Si ce n’était pas vous, annulez-le : suivez ce lien, puis appuyez sur le bouton. Toutes les sessions "
                "ouvertes prendront fin.",
                f"{public_url}/courriel/annulation?jeton={token}",
            )
        ),
    )


def confirm(to: str, token: str, public_url: str) -> Mail:
    """Told to the new address: whoever reads it confirms it."""
    return Mail(
        to,
        CONFIRM,
        "Confirmez votre nouvelle adresse de courriel",
        text_of(
            (
                "Bonjour,",
                "Cette adresse vient d’être donnée comme la nouvelle adresse d’un compte. Pour la confirmer, suivez ce "
                "lien, puis appuyez sur le bouton :",
                f"{public_url}/courriel/confirmation?jeton={token}",
                "Si vous n’avez rien demandé, ne faites rien.",
            )
        ),
    )


def taken(to: str, public_url: str) -> Mail:
    """Told to an address that has an account of its own: only who reads it learns that."""
    return Mail(
        to,
        TAKEN,
        "Vous avez déjà un compte",
        text_of(
            (
                "Bonjour,",
                "Cette adresse vient d’être donnée comme la nouvelle adresse d’un autre compte. Elle a déjà le sien : "
                "une adresse ne sert qu’à un seul compte, et rien n’a changé.",
                "Si c’était vous, connectez-vous avec le compte de cette adresse, ou donnez-en une autre :",
                f"{public_url}/connexion",
                "Si ce n’était pas vous, vous n’avez rien à faire.",
            )
        ),
    )


def changed(to: str, public_url: str) -> Mail:
    """Told to both once it has come true."""
    return Mail(
        to,
        CHANGED,
        "L’adresse de courriel de votre compte a changé",
        text_of(
            (
                "Bonjour,",
                "L’adresse de courriel de votre compte est maintenant une autre. Nos messages iront à la nouvelle.",
                "Si ce n’était pas vous, appelez sans attendre le Centre de contacts. Son numéro est ici :",
                f"{public_url}/recuperation",
            )
        ),
    )


def cancelled(to: str, public_url: str) -> Mail:
    """Told to the old address, which stays."""
    return Mail(
        to,
        CANCELLED,
        "Le changement d’adresse est annulé",
        text_of(
            (
                "Bonjour,",
                "Le changement d’adresse de courriel est annulé : cette adresse reste celle de votre compte.",
                "Si vous ne l’aviez pas demandé, quelqu’un connaît votre mot de passe : choisissez-en un autre.",
                f"{public_url}/recuperation",
            )
        ),
    )
