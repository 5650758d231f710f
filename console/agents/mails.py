"""What goes out by mail from the agents' desk: that there is something to read, never what (P11)."""

from foundation.mail.outgoing import Mail

SIGNED = "Le Ministère\nCe message est envoyé automatiquement : ne répondez pas à cette adresse."


def claim_decided(to: str, public_url: str) -> Mail:
    """A decision was taken on a claim to an exempt stream."""
    text = (
        "Bonjour,\n\n"
        "Une décision a été prise sur votre demande d’accès à un volet. La lettre est dans votre compte, à la page "
        f"« Consultation des documents » :\n{public_url}/documents\n\n"
        "Tant que vous n’avez pas signé et soumis votre demande, elle est non soumise.\n\n"
        f"{SIGNED}\n"
    )
    return Mail(to, "claim_decided", "Une décision vous attend dans votre compte", text)
