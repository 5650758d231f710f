"""The messages of recovery: plain French, no personal data, never the user name (P11)."""

from accounts.recovery.states import LostSecret
from foundation.mail.outgoing import Mail

LINK, RENEWED = "recovery_link", "secret_renewed"
"""Kinds of these messages."""

_TITLES = {
    LostSecret.USERNAME: "Retrouver votre nom d’utilisateur",
    LostSecret.PASSWORD: "Choisir un nouveau mot de passe",
    LostSecret.ANSWERS: "Choisir de nouvelles réponses de sécurité",
}

_THEN = {
    LostSecret.USERNAME: "Suivez ce lien, puis appuyez sur le bouton : votre nom d’utilisateur vous sera montré.",
    LostSecret.PASSWORD: "Suivez ce lien. Vos réponses de sécurité vous seront demandées, puis vous choisirez un "
    "nouveau mot de passe.",
    LostSecret.ANSWERS: "Suivez ce lien. Votre mot de passe vous sera demandé, puis vous choisirez de nouvelles "
    "questions et réponses.",
}

_RENEWED = {
    LostSecret.USERNAME: ("Votre nom d’utilisateur a été consulté", "Le nom d’utilisateur de votre compte vient "
                          "d’être montré à qui a suivi le lien envoyé à cette adresse."),
    LostSecret.PASSWORD: ("Votre mot de passe a été changé", "Le mot de passe de votre compte vient d’être changé. Les "
                          "sessions ouvertes ont pris fin : connectez-vous avec le nouveau."),
    LostSecret.ANSWERS: ("Vos réponses de sécurité ont été changées", "Les questions et les réponses de sécurité de "
                         "votre compte viennent d’être changées. Les sessions ouvertes ont pris fin."),
}  # fmt: skip


def link(to: str, what: LostSecret, token: str, public_url: str, minutes: int) -> Mail:
    """The link by which a lost secret is found or replaced."""
    paragraphs = (
        "Bonjour,",
        f"Quelqu’un, sans doute vous, l’a demandé pour votre compte. {_THEN[what]}",
        f"{public_url}/recuperation/lien?jeton={token}",
        f"Ce lien vaut {minutes} minutes et sert une seule fois. Ne le transmettez à personne.",
        "Si vous n’avez rien demandé, ne faites rien : rien n’a changé dans votre compte.",
    )
    return Mail(to, LINK, _TITLES[what], text_of(paragraphs))


def renewed(to: str, what: LostSecret, public_url: str) -> Mail:
    """What became of it, told to the owner."""
    title, told = _RENEWED[what]
    paragraphs = (
        "Bonjour,",
        told,
        "Si c’était vous, vous n’avez rien à faire.",
        "Si ce n’était pas vous, quelqu’un lit peut-être vos courriels : changez le mot de passe de votre messagerie, "
        "puis appelez le Centre de contacts, dont le numéro est sur cette page :",
        f"{public_url}/recuperation",
    )
    return Mail(to, RENEWED, title, text_of(paragraphs))


def text_of(paragraphs: tuple[str, ...]) -> str:
    """The text of a mail: its paragraphs, an empty line between them."""
    return "\n\n".join(paragraphs) + "\n"
