"""Blocks: what a document says, as data, so that page, PDF and every check of it read the same (P14).

Every text is final: numbers and instants are written out when the document is made, in the French of that day, and
never again. A kind of block that is added later changes nothing in documents that are filed.
"""

from enum import StrEnum

import msgspec


class TextStyle(StrEnum):
    """How a piece of text stands out."""

    PLAIN = "plain"
    """As the text around it."""
    STRONG = "strong"
    """What is looked for first, such as a number to keep."""
    SUPERSCRIPT = "superscript"
    """Raised, as the ending of an ordinal."""


class TextRun(msgspec.Struct, frozen=True, omit_defaults=True):
    """A piece of text in one style."""

    text: str
    style: TextStyle = TextStyle.PLAIN


class ContentBlock(msgspec.Struct, frozen=True, tag_field="block"):
    """What all blocks have in common: in JSON, `block` says which one it is."""

    @property
    def name(self) -> str:
        """Which block it is, as in the JSON, for templates."""
        return str(type(self).__struct_config__.tag)


class Heading(ContentBlock, frozen=True, tag="heading", omit_defaults=True):
    """A heading; level 1 is the document's title."""

    text: str
    level: int = 2


class Paragraph(ContentBlock, frozen=True, tag="paragraph"):
    """A paragraph of running text."""

    text: list[TextRun]


class Fact(msgspec.Struct, frozen=True):
    """One label and its value."""

    label: str
    value: list[TextRun]


class Facts(ContentBlock, frozen=True, tag="facts"):
    """A list of labels and values."""

    facts: list[Fact]


class Note(ContentBlock, frozen=True, tag="note"):
    """A remark about the document itself, in small print, such as when it was filed."""

    text: list[TextRun]


Block = Heading | Paragraph | Facts | Note


def plain(text: str) -> list[TextRun]:
    """This text, as the text around it."""
    return [TextRun(text)]


def strong(text: str) -> list[TextRun]:
    """This text, standing out."""
    return [TextRun(text, TextStyle.STRONG)]


def ordinal(number: int) -> list[TextRun]:
    """`1re`, `2e`: a rank in a row, of a feminine noun."""
    return [TextRun(str(number)), TextRun("re" if number == 1 else "e", TextStyle.SUPERSCRIPT)]


def written(blocks: list[Block]) -> str:
    """The JSON that is filed."""
    return msgspec.json.encode(blocks).decode()


def read(text: str) -> list[Block]:
    """The blocks of a filed document. Raises msgspec.ValidationError for what is none."""
    return msgspec.json.decode(text, type=list[Block])
