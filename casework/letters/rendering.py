"""A document as tagged PDF (PDF/UA-1), from its blocks by typst, read back before anybody has it (P14, traps 19, 24).

What a block says reaches typst as data, never as markup. A warning is a failure, a font of the system is never used,
and the same blocks filed at the same instant are the same bytes. One compiler a process; it takes one letter at a time.
"""

import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

from casework.blocks import Block, Letterhead, Note, plain, spoken
from casework.letters import glyphs, reading
from foundation.clock import montreal
from server.rendering.typography import unbreakable

TEMPLATE: Final = Path(__file__).parent / "letter.typ"

_LOCK = threading.Lock()


class LetterFailure(Exception):
    """A document that was not made as it should be. What it says never quotes the document (P11)."""


def pdf_of(content: list[Block], title: str, footer: str, now: int, *, checked: bool = True) -> bytes:
    """The PDF of a document. `footer` stands at the foot of each page, `now` is the instant of its filing.

    Raises LetterFailure for a warning, a page that cannot be tagged, and a text that is not read back as it was given
    (`checked`; without it the test of that check has its twin).
    """
    shown = _printable(content)
    letter = {
        "title": glyphs.printed(title),
        "author": _author(shown),
        "dated": _datetime(now),
        "footer": glyphs.printed(footer),
        "blocks": msgspec.to_builtins(shown),
    }
    with _LOCK:
        pdf = _compiled(msgspec.json.encode(letter).decode())
        said = reading.text_of(pdf, letter["footer"]) if checked else None
    if said is not None and said != reading.squeezed(spoken(shown)):
        raise LetterFailure("the text of the PDF is not the text of the document")
    return pdf


def _compiled(letter: str) -> bytes:
    try:
        pdf, warnings = _compiler().compile_with_warnings(
            format="pdf", sys_inputs={"letter": letter}, pdf_standards=["ua-1"]
        )
    except typst.TypstError as problem:
        raise LetterFailure(problem.message) from None
    if warnings:
        raise LetterFailure(warnings[0].message)
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(glyphs.FONTS)]
    )
    return typst.Compiler(
        str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts, ignore_system_fonts=True
    )


def _printable(content: list[Block]) -> list[Block]:
    """The blocks in characters that the fonts have, with spaces that do not break where French has them, and a remark
    where a character had to be replaced."""
    given = msgspec.to_builtins(content)
    shown = msgspec.convert(_each_text(given), list[Block])
    if reading.squeezed(spoken(shown)) == reading.squeezed(spoken(content)):
        return shown
    return [*shown, Note(plain(glyphs.REMARK))]


def _each_text(value: Any) -> Any:
    if isinstance(value, str):
        return unbreakable(glyphs.printed(value))
    if isinstance(value, list):
        return [_each_text(one) for one in value]
    return {name: _each_text(one) for name, one in value.items()} if isinstance(value, dict) else value


def _author(content: list[Block]) -> str:
    return next((block.sender[0] for block in content if isinstance(block, Letterhead) and block.sender), "")


def _datetime(now: int) -> dict[str, int]:
    moment = montreal(now)
    names = ("year", "month", "day", "hour", "minute", "second")
    return {name: getattr(moment, name) for name in names}
