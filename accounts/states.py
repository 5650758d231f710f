"""Words of accounts that are one of a few: the roles of a session, the fields of the sign-in form and their French."""

from enum import StrEnum

from accounts.candidates import MOST_QUESTIONS
from foundation.errors import Code


class SessionRole(StrEnum):
    """As what a session signs in: each has a cookie, a length and a table of owners of its own."""

    CANDIDATE = "candidate"
    """Applies, and follows an application; the owner is a row of `account`."""
    OPERATOR = "operator"
    """Steers periods; the owner is a row of `operator`."""


class StaffTotp(StrEnum):
    """Whether staff must have a second factor. One who has it always needs it."""

    OFF = "off"
    """No word about it: the demo."""
    OPTIONAL = "optional"
    """Those without one are told, at the start of the service and on their page."""
    REQUIRED = "required"
    """Those without one cannot sign in."""


ORDINALS = ("première", "deuxième", "troisième")
"""By the place of a security question; the form has a field for each. Which ones there are, only the owner knows."""

ANSWER_FIELDS = tuple(f"answer-{place}" for place in range(1, MOST_QUESTIONS + 1))
"""The fields of the answers, in the order of the questions."""

CORRECTIONS = {
    Code.BAD_CREDENTIALS: {
        "username": "Vérifiez votre nom d’utilisateur.",
        "password": "Entrez de nouveau votre mot de passe.",
    },
    Code.BAD_SECURITY_ANSWERS: {
        "password": "Entrez de nouveau votre mot de passe.",
        "answer-1": "Vérifiez vos réponses de sécurité, dans l’ordre.",
    },
    Code.EMAIL_UNCONFIRMED: {},
    Code.NOT_ALLOWED: {},
    Code.BAD_CODE: {
        "password": "Entrez de nouveau votre mot de passe.",
        "code": "Tapez le code que votre application montre maintenant.",
    },
    Code.COOKIES_REFUSED: {"password": "Entrez de nouveau votre mot de passe."},
    Code.RATE_LIMITED: {
        "password": "Entrez de nouveau votre mot de passe, puis attendez avant d’envoyer.",
    },
    Code.UNAVAILABLE: {"password": "Entrez de nouveau votre mot de passe."},
}
"""Refusal -> the fields to go back to, and what to do there. The password is never written back into the page."""

EMPTY = {
    "username": "Entrez votre nom d’utilisateur.",
    "password": "Entrez votre mot de passe.",
    "answer-1": "Entrez la réponse à votre première question de sécurité.",
}
"""Field of the sign-in form -> what to say when it was left empty; the other fields may be."""

TOO_LONG = "Ce texte est trop long : vérifiez ce qui a été collé ici."

NOTES = {
    "inscrit": "Votre adresse est confirmée, et votre compte est ouvert. Connectez-vous pour préparer votre "
    "demande.",
    "deconnexion": "Vous êtes maintenant déconnecté.",
    "supprime": "Votre compte et tout ce qu’il contenait ont été supprimés.",
    "motdepasse": "Votre mot de passe est changé. Connectez-vous avec le nouveau.",
    "reponses": "Vos questions et vos réponses de sécurité sont changées. Connectez-vous avec les nouvelles.",
    "fin": "Votre session a pris fin. Connectez-vous de nouveau pour continuer.",
    "autre": "Pour changer de compte, connectez-vous ici : l’autre compte prendra sa place dans ce navigateur.",
    "jeton": "Le jeton de ce navigateur est à un autre compte : connectez-vous de nouveau avec celui qui a commencé "
    "cette demande. Le jeton et le temps qui lui reste l’attendent.",
    "tour": "Vous êtes déjà connecté dans ce navigateur. Pour soumettre une demande, tous vos renseignements sont "
    "demandés de nouveau.",
    "document": "Connectez-vous avec le compte auquel ce document est destiné pour le lire.",
    "message": "Connectez-vous avec le compte auquel ce message est destiné pour le lire.",
    "recu": "Connectez-vous avec le compte qui a soumis la demande pour voir son accusé de réception.",
    "dossier": "Connectez-vous avec le compte auquel ce dossier appartient pour le consulter.",
}
"""What a sign-in page says above its form, by the word in its address."""

SIGNED_IN_AS = "Ce navigateur est connecté avec le compte «\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}»."
"""Goes before it where another account is asked for: whose session it is, two tabs cannot know otherwise."""
