"""What a browser fetches besides a page, and what stands on it. Pure.

A page comes compressed, and the people read no compression: whoever is the first to ask for a kind of page asks for it
as it is (`identity`), and everybody of the process fetches what that one links to.
"""

import re
from collections.abc import Collection
from html.parser import HTMLParser
from typing import Final

IDENTITY: Final = "identity"

COMPRESSED: Final = "gzip, deflate, br, zstd"
"""`Accept-Encoding` as Chromium and Firefox send it over https, and to loopback."""

FETCHED: Final = frozenset({"icon", "stylesheet", "preload", "modulepreload"})
"""Kinds of `<link>` that a browser fetches by itself."""


class LinkReader(HTMLParser):
    """Collects what a browser with scripts fetches for a page, in the order of the page, each address once."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, None] = {}
        self.unread = 0
        """Elements around this place that such a browser does not look into."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("noscript", "template"):
            self.unread += 1
        elif self.unread:
            return
        elif tag == "link" and FETCHED & set((given.get("rel") or "").lower().split()):
            self.add(given.get("href"))
        elif (tag == "script" and "nomodule" not in given) or tag == "img":
            self.add(given.get("src"))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("noscript", "template"):
            self.unread -= 1

    def add(self, address: str | None) -> None:
        """Files of this site only; `data:` is in the page already."""
        if address and address.startswith("/") and not address.startswith("//"):
            self.found[address] = None


def links(page: str) -> tuple[str, ...]:
    """The addresses of the files that belong to this page."""
    reader = LinkReader()
    reader.feed(page)
    reader.close()
    return tuple(reader.found)


def shows(page: str, number: int) -> bool:
    """Whether this number stands on the page as French writes it: in groups of three, with any one sign between."""
    grouped = f"{number:,}".replace(",", r"\D?")
    return re.search(rf"(?<!\d){grouped}(?!\d)", page) is not None


class PageLinks:
    """The files of each kind of page, once somebody has read one."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, ...]] = {}

    def accepts(self, kind: str, sample: bool = False) -> str:
        """The `Accept-Encoding` for a page of this kind: as it is, while nobody has read one, and for a sample."""
        return IDENTITY if sample or kind not in self.known else COMPRESSED

    def read(self, kind: str, page: str) -> None:
        """The first page of a kind; the others are not looked into."""
        if kind not in self.known:
            self.known[kind] = links(page)

    def new(self, kind: str, have: Collection[str]) -> list[str]:
        """What somebody who has these files still needs for such a page."""
        return [address for address in self.known.get(kind, ()) if address not in have]
