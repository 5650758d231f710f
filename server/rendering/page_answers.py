"""Pages as answers: in the coding that their reader takes, kept by no cache.

Either written for one person, or the same for many: those are rendered and compressed a few times a second, however
many ask (`SharedPages`).
"""

import operator
import time
from collections.abc import Callable, Hashable
from typing import Final, NamedTuple

from server.rendering import compression
from server.rendering.compression import QUICKEST, SMALLEST, Coding, choose
from server.requests import NO_STORE, Answer, Headers, Incoming

LEAST_COMPRESSED: Final = 512
"""Bytes: a shorter page fits into a packet as it is."""


def _kind(coding: Coding) -> Headers:
    vary = (b"content-type", b"text/html; charset=utf-8"), NO_STORE, (b"vary", b"accept-encoding")
    return vary if coding is Coding.IDENTITY else (*vary, (b"content-encoding", coding.encode()))


HTML: Final = {coding: _kind(coding) for coding in Coding}
"""The headers of a page in each coding."""


def page_answer(
    accept_encoding: bytes | None, text: bytes, status: int = 200, headers: Headers = ()
) -> Answer:
    """A page written for one person."""
    coding = choose(accept_encoding, QUICKEST) if len(text) >= LEAST_COMPRESSED else Coding.IDENTITY
    return Answer(status, compression.each(text, coding), headers, HTML[coding])


class _Shared(NamedTuple):
    basis: tuple[object, ...]
    rendered_at: float
    text: bytes
    coded: dict[Coding, bytes]


class SharedPages:
    """Pages that are the same for everybody in the same state, by a key that says which."""

    def __init__(self, lasts_seconds: float = 0.1, most: int = 200) -> None:
        """One is at most so old; what it says of the time is no older. `most` are remembered."""
        self._lasts, self._most = lasts_seconds, most
        self._pages: dict[Hashable, _Shared] = {}

    def answer(
        self,
        came: Incoming,
        key: Hashable,
        basis: tuple[object, ...],
        render: Callable[[], str],
        status: int = 200,
        headers: Headers = (),
    ) -> Answer:
        """The page of this key; rendered anew when one of the things it rests on is another one, or it is too old."""
        page = self._page(key, basis, render)
        coding = choose(came.headers.get(b"accept-encoding"), SMALLEST)
        coded = page.coded.get(coding)
        if coded is None:
            coded = page.coded[coding] = compression.often(page.text, coding)
        return Answer(status, coded, headers, HTML[coding])

    def _page(self, key: Hashable, basis: tuple[object, ...], render: Callable[[], str]) -> _Shared:
        known, now = self._pages.get(key), time.monotonic()
        if known is not None and now - known.rendered_at < self._lasts and _same(known.basis, basis):
            return known
        if len(self._pages) >= self._most:
            self._pages.clear()
        made = self._pages[key] = _Shared(basis, now, render().encode(), {})
        return made


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether both are the very same things: rows and looks are replaced, never changed."""
    return len(one) == len(other) and all(map(operator.is_, one, other))
