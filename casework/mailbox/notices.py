"""The e-mails that say that there is a message: its title, day and file number and where to read it, never what it says
(P11, PA-02). Pure."""

from typing import Final

import msgspec

from foundation.mail.outgoing import Mail
from server.rendering.templating import instant

ADDRESS: Final = "/messages"

NO_REPLY: Final = (
    "N’y répondez pas : personne ne lit les réponses à ce courriel. Pour nous écrire, suivez ce qui est indiqué au bas "
    "de chaque message."
)


class MessageHead(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a message outside of the account: `at` is an instant, `number` its file's."""

    id: str
    title: str
    at: int
    number: str | None

    @property
    def href(self) -> str:
        return f"{ADDRESS}/{self.id}"


def to_candidate(to: str, head: MessageHead, public_url: str) -> Mail:
    """What the owner of the account is told."""
    paragraphs = (
        "Bonjour,",
        "Un message a été déposé dans la messagerie de votre compte. Lisez-le au moment qui vous convient : il "
        "n’expire pas, et personne d’autre ne peut l’y lire.",
        _head_words(head),
        f"Pour le lire : {public_url}{head.href}",
        f"Ce courriel ne dit rien du contenu du message. {NO_REPLY}",
    )
    return _mail(to, head, paragraphs)


def to_representative(to: str, head: MessageHead) -> Mail:
    """What a representative is told whose procuration is in force: that there is something, and never what.

    There is no link: a representative has no access to the account.
    """
    paragraphs = (
        "Bonjour,",
        "Un message a été déposé dans le compte d’une personne que vous représentez. Elle a reçu le même avis, et elle "
        "seule peut le lire : demandez-lui de vous le montrer.",
        _head_words(head),
        "Ce courriel ne dit rien du contenu du message. N’y répondez pas : personne ne lit les réponses.",
    )
    return _mail(to, head, paragraphs)


def _mail(to: str, head: MessageHead, paragraphs: tuple[str, ...]) -> Mail:
    return Mail(to=to, kind="message", title=head.title, text="\n\n".join(paragraphs) + "\n")


def _head_words(head: MessageHead) -> str:
    lines = [f"Titre : {head.title}", f"Date : {instant(head.at)}"]
    return "\n".join([*lines, f"Dossier : {head.number}"] if head.number else lines)
