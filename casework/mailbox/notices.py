"""The e-mails that say that there is a message: its title, day and file number and where to read it, never what it says
(P11, PA-02). Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from foundation.mail.folding import one_after_another
from foundation.mail.messages import Letter
from foundation.mail.outgoing import Mail
from server.rendering.templating import instant

ADDRESS: Final = "/messages"

LONGEST_SUBJECT: Final = 120
"""Of a mail that names several messages: programs show less of a line than this."""

SHORTEST_NOTICE: Final = 3
"""Paragraphs: the greeting, what is said of a message, and the end; between the last two each message is named."""

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


_ONE, _TO_ONE = (
    "Un message a été déposé dans la messagerie de votre compte. Lisez-le au moment qui vous convient : il "
    "n’expire pas, et personne d’autre ne peut l’y lire.",
    "Un message a été déposé dans le compte d’une personne que vous représentez. Elle a reçu le même avis, et elle "
    "seule peut le lire : demandez-lui de vous le montrer.",
)

_SEVERAL: Final = {
    _ONE: "{count} messages ont été déposés dans la messagerie de votre compte. Lisez-les au moment qui vous "
          "convient : ils n’expirent pas, et personne d’autre ne peut les y lire.",
    _TO_ONE: "{count} messages ont été déposés dans le compte d’une personne que vous représentez. Elle a reçu les "
             "mêmes avis, et elle seule peut les lire : demandez-lui de vous les montrer.",
}  # fmt: skip
"""What is said of one message, to its owner and to a representative -> the same of several."""


def to_candidate(to: str, head: MessageHead, public_url: str) -> Mail:
    """What the owner of the account is told."""
    paragraphs = (
        "Bonjour,",
        _ONE,
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
        _TO_ONE,
        _head_words(head),
        "Ce courriel ne dit rien du contenu du message. N’y répondez pas : personne ne lit les réponses.",
    )
    return _mail(to, head, paragraphs)


def as_one(letters: Sequence[Letter]) -> Letter:
    """One mail that names several messages, each with its day and its link, of the mails that would name one each."""
    first, named = letters[0], sorted(letters, key=lambda letter: letter.at)
    told = [letter.text.strip().split("\n\n") for letter in named]
    several = _SEVERAL.get(told[0][1]) if all(len(one) > SHORTEST_NOTICE for one in told) else None
    if several is None:  # in words of another release
        return one_after_another(letters)
    hello, last = told[0][0], told[0][-1]
    parts = [part for one in told for part in one[2:-1]]
    last = last.replace("du contenu du message", "du contenu des messages")
    text = "\n\n".join((hello, several.format(count=len(letters)), *parts, last)) + "\n"
    return Letter(to=first.to, title=_title(named), text=text, id=first.id, at=first.at)


def _title(letters: Sequence[Letter]) -> str:
    """Each title once, where they are a line together."""
    together = "; ".join(dict.fromkeys(letter.title for letter in letters))
    return together if len(together) <= LONGEST_SUBJECT else f"{len(letters)} nouveaux messages"


def _mail(to: str, head: MessageHead, paragraphs: tuple[str, ...]) -> Mail:
    return Mail(to=to, kind="message", title=head.title, text="\n\n".join(paragraphs) + "\n")


def _head_words(head: MessageHead) -> str:
    lines = [f"Titre : {head.title}", f"Date : {instant(head.at)}"]
    return "\n".join([*lines, f"Dossier : {head.number}"] if head.number else lines)
