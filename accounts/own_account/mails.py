"""What the owner of an account is told of changes, at the address on file: no personal data, never the user name."""

from enum import StrEnum

from foundation.mail.outgoing import Mail


class OwnerNotice(StrEnum):
    """Kinds of these messages."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of a message
    """The password is another one."""
    QUESTIONS_CHANGED = "questions_changed"
    """The security questions and answers are others."""
    ADDRESS_CHANGED = "home_address_changed"
    """The home address is another one."""
    IDENTITY_CHANGED = "identity_changed"
    """The owner corrected who they are, while registration is open."""
    IDENTITY_CORRECTED = "identity_corrected"
    """An agent corrected who they are."""


SAID = {
    OwnerNotice.PASSWORD_CHANGED: (
        "Le mot de passe de votre compte a changé",
        "Le mot de passe de votre compte vient d’être changé. Toutes les autres sessions ouvertes ont pris fin.",
    ),
    OwnerNotice.QUESTIONS_CHANGED: (
        "Les questions de sécurité de votre compte ont changé",
        "Les questions de sécurité de votre compte, et leurs réponses, viennent d’être changées. Toutes les autres "
        "sessions ouvertes ont pris fin.",
    ),
    OwnerNotice.ADDRESS_CHANGED: (
        "L’adresse du domicile de votre compte a changé",
        "L’adresse du domicile qui est dans votre compte vient d’être changée.",
    ),
    OwnerNotice.IDENTITY_CHANGED: (
        "L’identité de votre compte a changé",
        "Les renseignements d’identité de votre compte viennent d’être corrigés dans votre espace.",
    ),
    OwnerNotice.IDENTITY_CORRECTED: (
        "L’identité de votre compte a été corrigée",
        "Un agent vient de corriger les renseignements d’identité de votre compte, à la suite d’une demande.",
    ),
}

NOT_YOU = (
    "Si ce n’était pas vous, quelqu’un d’autre a accès à votre compte : appelez sans attendre le Centre de contacts, "
    "dont le numéro est au bas de chaque page de notre site."
)


def notice(to: str, kind: OwnerNotice) -> Mail:
    """The message of a change."""
    title, said = SAID[kind]
    paragraphs = ("Bonjour,", said, "Si c’était vous, vous n’avez rien à faire.", NOT_YOU)
    return Mail(to, kind, title, "\n\n".join(paragraphs) + "\n")
