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


class BulletList(ContentBlock, frozen=True, tag="list"):
    """A list of items in no particular order."""

    items: list[list[TextRun]]


class TextTable(ContentBlock, frozen=True, tag="table"):
    """A table whose first row names its columns; `caption` says what it lists. Each row has a text a column."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


class Letterhead(ContentBlock, frozen=True, tag="letterhead"):
    """Who writes to whom and about what: the sender's lines, the addressee's as an envelope has them, the day in words,
    and what to quote in an answer, such as the file number."""

    sender: list[str]
    to: list[str]
    dated: str
    references: list[Fact]


class SignatureBlock(ContentBlock, frozen=True, tag="signature"):
    """Who signs: lines, such as a service and its ministry. Letters are signed by an office, never by a picture."""

    lines: list[str]


Block = Heading | Paragraph | Facts | Note | BulletList | TextTable | Letterhead | SignatureBlock


def plain(text: str) -> list[TextRun]:
    """This text, as the text around it."""
    return [TextRun(text)]


def strong(text: str) -> list[TextRun]:
    """This text, standing out."""
    return [TextRun(text, TextStyle.STRONG)]


def ordinal(number: int) -> list[TextRun]:
    """`1re`, `2e`: a rank in a row, of a feminine noun."""
    return [TextRun(str(number)), TextRun("re" if number == 1 else "e", TextStyle.SUPERSCRIPT)]


def grouped(digest: str) -> str:
    """A digest in groups of eight, which can be read aloud, and end a line."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def written(blocks: list[Block]) -> str:
    """The JSON that is filed."""
    return msgspec.json.encode(blocks).decode()


def read(text: str | bytes) -> list[Block]:
    """The blocks of a filed document. Raises msgspec.ValidationError for what is none."""
    return msgspec.json.decode(text, type=list[Block])


def spoken(blocks: list[Block]) -> str:
    """All that these blocks say, in the order of reading, a line each: what page and PDF have in common."""
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(block: Block) -> list[str]:
    match block:
        case Heading(text=text):
            return [text]
        case Paragraph(text=runs) | Note(text=runs):
            return [_joined(runs)]
        case Facts(facts=facts):
            return _fact_lines(facts)
        case BulletList(items=items):
            return [_joined(item) for item in items]
        case TextTable():
            return [block.caption, *block.columns, *(cell for row in block.rows for cell in row)]
        case Letterhead():
            return [*block.sender, *block.to, block.dated, *_fact_lines(block.references)]
        case SignatureBlock(lines=lines):
            return lines


def _fact_lines(facts: list[Fact]) -> list[str]:
    return [f"{fact.label} {_joined(fact.value)}" for fact in facts]


def _joined(runs: list[TextRun]) -> str:
    return "".join(run.text for run in runs)
