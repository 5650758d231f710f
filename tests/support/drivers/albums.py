"""Pictures of pages for the guides and the docs, and the words that their pages had.

A picture goes stale when its page says something else. So each is kept with the words of its page (without numbers and
dates); a test walks the whole way again and compares, or
takes them anew with `--take-pictures`.
"""

import hashlib
import io
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Page

MONTHS: Final = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"

WORDS: Final = "words.json"
"""In the folder of an album: picture -> digest of the words that its page had."""

WIDE, SMALL = 1280, 320
"""Pixels of width at which pictures are taken."""

TALL: Final = {WIDE: 1000, SMALL: 900}
"""Pixels of a page that a picture shows at most: the reader sees where they are, not all that is below."""

COLOURS: Final = 48
"""Of a picture's palette: our pages have few."""


def told(words: str) -> str:
    """The words of a page, without what differs from one day and one run to the next."""
    plain = re.sub(rf"\b({MONTHS})\b", "mois", words.replace("\N{NO-BREAK SPACE}", " "))
    plain = re.sub(r"\b1er\b|\d+", "0", plain)
    plain = re.sub(r"0 (min|s|h)( 0 ?(min|s)?)*|(une?|0) (minute|seconde)s?", "durée", plain)
    plain = re.sub(r"MPQ-[0-9A-Z-]+", "MPQ-", plain)
    return hashlib.sha256(" ".join(plain.split()).encode()).hexdigest()[:16]


def in_few_colours(picture: bytes) -> bytes:
    """The same PNG with a palette: a third of the size."""
    taken, small = Image.open(io.BytesIO(picture)).convert("RGB"), io.BytesIO()
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


class Album:
    """The pictures of one walk, in a folder of the docs."""

    def __init__(self, folder: Path, narrow: Collection[str] = (), *, takes: bool) -> None:
        """`narrow` are those that are taken at 320 pixels; without `takes` words are compared and nothing written."""
        self.folder, self._narrow, self._takes = folder, narrow, takes
        self._seen: dict[str, str] = {}

    async def keep(self, page: Page, name: str) -> None:
        """The page as it is now."""
        assert f"{name}.png" not in self._seen
        self._seen[f"{name}.png"] = told(await page.inner_text("main"))
        if not self._takes:
            return
        width = SMALL if name in self._narrow else WIDE
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("window.scrollTo(0, 0)")
        tall = await page.evaluate("document.documentElement.scrollHeight")
        picture = await page.screenshot(
            clip={"x": 0, "y": 0, "width": width, "height": min(tall, TALL[width])}, full_page=True
        )
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{name}.png").write_bytes(in_few_colours(picture))

    def compare(self) -> None:
        """Each page still says what it said when its picture was taken."""
        words = self.folder / WORDS
        if self._takes:
            words.write_text(json.dumps(self._seen, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        kept = json.loads(words.read_text(encoding="utf-8"))
        assert self._seen == kept, "a page changed: look at it, then run `make guides`"
