"""What goes out by mail to somebody for whom an account was begun: a link, and no word about them (P11)."""

from foundation.mail.outgoing import Mail


def invited(to: str, public_url: str, code: str, days: int) -> Mail:
    """An account was begun for somebody, who finishes it by this link."""
    text = (
        "Bonjour,\n\n"
        "À la suite de votre appel, un compte a été commencé pour vous. Pour le terminer, ouvrez cette adresse, puis "
        "choisissez un nom d’utilisateur, un mot de passe et vos questions de sécurité :\n"
        f"{public_url}/invitation?code={code}\n\n"
        f"Le lien est valable {days} jours et sert une seule fois. Si vous n’avez pas appelé, ne faites rien : aucun "
        "compte n’est créé.\n\n"
        "Le Ministère\nCe message est envoyé automatiquement : ne répondez pas à cette adresse.\n"
    )
    return Mail(to, "account_invitation", "Terminez la création de votre compte", text)
