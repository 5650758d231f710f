"""The messages of registration: plain French, no personal data, never the user name (P11)."""

from accounts.registration import codes
from foundation.mail.outgoing import Mail

CONFIRM, TAKEN = "confirm_address", "address_taken"
"""Kinds of these messages."""


def confirmation(to: str, code: str, public_url: str, days: int) -> Mail:
    """Who reads this confirms the address, by a button behind the link or by the code."""
    shown = codes.shown(code)
    paragraphs = (
        "Bonjour,",
        "Un compte vient d’être demandé avec cette adresse. Pour l’ouvrir, suivez ce lien, puis appuyez sur le bouton "
        "« Confirmer mon adresse » :",
        f"{public_url}/inscription/confirmation?code={shown}",
        "Vous pouvez aussi taper ce code dans la page d’inscription :",
        shown,
        f"Le lien et le code valent {days} jours, et servent aussi une seconde fois.",
        "Si vous n’avez rien demandé, ne faites rien : sans confirmation, aucun compte n’est ouvert.",
    )
    return Mail(to, CONFIRM, "Confirmez votre adresse de courriel", _text(paragraphs))


def taken(to: str, public_url: str) -> Mail:
    """Somebody asked for an account with an address that has one."""
    paragraphs = (
        "Bonjour,",
        "Un compte vient d’être demandé avec cette adresse, qui en a déjà un. Aucun autre compte n’est ouvert, et "
        "rien n’a changé dans le vôtre.",
        "Si c’était vous, connectez-vous avec votre compte :",
        f"{public_url}/connexion",
        "Si vous avez oublié votre nom d’utilisateur, votre mot de passe ou vos réponses, cette page vous dit comment "
        "les retrouver. Un seul compte suffit pour présenter et suivre votre demande, famille comprise.",
        "Si ce n’était pas vous, vous n’avez rien à faire.",
    )
    return Mail(to, TAKEN, "Vous avez déjà un compte", _text(paragraphs))


def _text(paragraphs: tuple[str, ...]) -> str:
    return "\n\n".join(paragraphs) + "\n"
