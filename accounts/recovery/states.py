"""What somebody may have lost of what they sign in with, and what is asked for instead (AC-06)."""

from enum import StrEnum


class LostSecret(StrEnum):
    """One of the three. Who has lost all of them phones an agent, who makes sure of their identity."""

    USERNAME = "username"
    """Shown behind the link of a mail."""
    PASSWORD = "password"  # noqa: S105  a word, no secret
    """Replaced behind the link, by who knows the answers."""
    ANSWERS = "answers"
    """Replaced behind the link with their questions, by who knows the password."""


WORDS = {
    LostSecret.USERNAME: "Mon nom d’utilisateur",
    LostSecret.PASSWORD: "Mon mot de passe",
    LostSecret.ANSWERS: "Mes réponses de sécurité",
}
"""What the form calls them."""

HINTS = {
    LostSecret.USERNAME: "Il vous sera montré, une fois le lien du courriel ouvert.",
    LostSecret.PASSWORD: "Vous en choisirez un nouveau. Il faut vos réponses de sécurité.",
    LostSecret.ANSWERS: "Vous choisirez de nouvelles questions et réponses. Il faut votre mot de passe.",
}
"""What happens then."""
