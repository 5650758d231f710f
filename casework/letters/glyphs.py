"""Which characters a letter can print, and how it writes those that its fonts do not have. Pure but for the fonts.

The fonts write Latin, Greek and Cyrillic letters. A PDF/UA with a missing glyph is refused when it is made, and a name
in another script must not keep its owner without a letter: there it stands in Latin letters, as in a passport, and a
remark says so. The page of the document shows the text as it is.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from anyascii import anyascii

FONTS: Final = Path(__file__).parent / "fonts"

REMARK: Final = (
    "Les caractères que ce document ne peut pas imprimer y sont écrits en lettres latines. La page Web du même "
    "document les montre tels quels."
)
"""What a PDF says at its end where a character was replaced."""

_SIMPLE: Final = (range(0x20, 0x530), range(0x1E00, 0x2C00))
"""Where each character is drawn by itself, in the order of the text: only these are read back as they were written."""


@lru_cache(4096)
def printed(text: str) -> str:
    """The text as a letter prints it: what has no glyph in Latin letters, what is not seen left out."""
    return "".join(map(_printed, unicodedata.normalize("NFC", text)))


def _printed(character: str) -> str:
    if character in covered():
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cc", "Cf", "Mn"):
        return ""
    return anyascii(character) or "?"


@cache
def covered() -> frozenset[str]:
    """The characters that every font of the letters has, as far as they are drawn one by one."""
    fonts = [frozenset(_characters(path.read_bytes())) for path in sorted(FONTS.glob("*.ttf"))]
    both = frozenset.intersection(*fonts)
    return frozenset(
        chr(code)
        for code in both
        if any(code in simple for simple in _SIMPLE) and unicodedata.category(chr(code)) not in ("Cc", "Cf")
    )


def _characters(font: bytes) -> Iterator[int]:
    """The code points of a TrueType font, by its table `cmap` (formats 4 and 12; OpenType 1.9)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    where = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * tables, 16)
    }
    start = where[b"cmap"]
    (count,) = struct.unpack_from(">H", font, start + 2)
    for record in range(count):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * record + 4)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if form == 4:
            yield from _segments(font, start + offset)
        elif form == 12:
            yield from _groups(font, start + offset)


def _segments(font: bytes, at: int) -> Iterator[int]:
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + 2 * count)
    for first, last in zip(starts, ends, strict=True):
        yield from range(first, min(last, 0xFFFE) + 1)


def _groups(font: bytes, at: int) -> Iterator[int]:
    (count,) = struct.unpack_from(">I", font, at + 12)
    for group in range(count):
        first, last = struct.unpack_from(">II", font, at + 16 + 12 * group)
        yield from range(first, last + 1)
