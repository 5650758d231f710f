"""What a member of staff types for a message, read: one line of title, paragraphs of text. Pure.

Marks that are not seen and controls are refused and not dropped: a text that is read from right to left, or in which a
word hides, is not what its author saw.
"""

import re
import unicodedata
from typing import Final

import msgspec

from accounts import normalisation
from accounts.identities import Identity
from casework.blocks import Block, Paragraph, plain
from casework.mailbox import titles
from foundation.errors import Code, Refusal
from server.rendering.templating import number

LONGEST_TEXT: Final = 5_000
"""Two pages; what needs more is a document."""

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")

_BREAKS = frozenset({"Cc", "Zl", "Zp"})

UNSEEN: Final = (
    "Ce texte contient des caractères invisibles, qui peuvent en changer le sens. Retapez-le sans le copier "
    "d’ailleurs."
)


class TypedMessage(msgspec.Struct, frozen=True):
    """A title and a text that can be sent, as they were typed, with the ends of lines as one kind."""

    title: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """The text as it is filed: an empty line begins a new paragraph."""
        return [
            Paragraph(plain(" ".join(part.strip().split("\n"))))
            for part in _PARAGRAPHS.split(self.text)
            if part
        ]


def read(title: str, text: str) -> TypedMessage:
    """What was typed. Refusal invalid, at `title` and `text`."""
    title = unicodedata.normalize("NFC", title).strip()
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    wrong = {}
    if not title or len(title) > titles.LONGEST:
        wrong["title"] = f"Donnez un titre, en {titles.LONGEST} caractères au plus."
    elif has_unseen(title):
        wrong["title"] = UNSEEN
    if not text or len(text) > LONGEST_TEXT:
        wrong["text"] = f"Écrivez le message, en {number(LONGEST_TEXT)} caractères au plus."
    elif has_unseen(text.replace("\n", " ")):
        wrong["text"] = UNSEEN
    if wrong:
        raise Refusal(Code.INVALID, fields=[{"name": name, "reason": why} for name, why in wrong.items()])
    return TypedMessage(title, text)


def has_unseen(text: str) -> bool:
    """Whether something in a text is not seen, or breaks its line: tabs are blanks."""
    return any(
        normalisation.is_unseen(letter) or (unicodedata.category(letter) in _BREAKS and letter != "\t")
        for letter in text
    )


def names_person(title: str, identity: Identity, username: str, email: str | None) -> bool:
    """Whether a title says who somebody is: it stands in an e-mail, where nothing personal is said (P11)."""
    said = _words(title)
    personal = (
        identity.family_name,
        identity.given_name,
        identity.birth_date,
        identity.passport,
        username,
        email or "",
    )
    return any(f" {words} " in f" {said} " for one in personal if (words := _words(one)))


def _words(text: str) -> str:
    """A text as it is looked for in another: folded, without what parts its words."""
    return " ".join(re.findall(r"[\w@.+-]+", normalisation.folded(text)))
