"""The text of a finished PDF, to compare it with what it was made of before it is filed (trap 19)."""

import re
import unicodedata

import pypdfium2

_ROLES = str.maketrans({"\x02": "-", "\ufffe": "-", "•": "", "\xad": "", "\u200b": ""})
"""A hyphen at the end of a line comes back as one of the first two; a bullet is drawn by the list,
and the last two only say where a word may end its line."""


class FooterMissing(Exception):
    """A page without its number."""


def text_of(pdf: bytes, footer: str) -> str:
    """All text of a PDF, squeezed, without what stands at the foot of each page. Raises FooterMissing."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return "".join(
        _without(squeezed(text), squeezed(f"{footer} · Page {number} de {len(pages)}"))
        for number, text in enumerate(pages, 1)
    )


def squeezed(text: str) -> str:
    """A text without anything that lines and columns move: blanks, hyphens at the end of a line, bullets."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text.translate(_ROLES)))


def _without(text: str, footer: str) -> str:
    if not text.endswith(footer):
        raise FooterMissing
    return text.removesuffix(footer)
