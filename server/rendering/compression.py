"""Content codings (RFC 9110, 8.4): which one a client takes, and how a body is written in it.

Chosen by `Accept-Encoding` alone: what was not asked for breaks a page, and some browsers show its bytes without a
word. Only pages and files are compressed, and neither holds a secret: beside text that somebody else chose, the length
of a page would tell of it (BREACH). What holds one goes out as it is: a token is JSON, a page says so (`Render`).
"""

import sys
import zlib
from enum import StrEnum
from functools import lru_cache
from typing import Final

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd


class Coding(StrEnum):
    """How a body may be written, by its name in HTTP."""

    BROTLI = "br"
    """The smallest; slow where it is small."""
    ZSTANDARD = "zstd"
    """The quickest."""
    GZIP = "gzip"
    """What everything knows; all there is over plain http to a name (Chromium, Firefox)."""
    IDENTITY = "identity"
    """As it is."""


SMALLEST: Final = (Coding.BROTLI, Coding.ZSTANDARD, Coding.GZIP)
"""Preference for what is written once and sent to many."""

QUICKEST: Final = (Coding.ZSTANDARD, Coding.BROTLI, Coding.GZIP)
"""Preference for what is written for one person."""

LONGEST_REMEMBERED: Final = 256
"""Bytes of a header whose meaning is remembered: browsers send the same few."""

MOST_NAMED: Final = 32
"""Codings that are looked at: browsers name four, and a header may hold thousands."""

WINDOW_BITS: Final = 16
"""Brotli's window: pages are smaller than 64 KiB, and a larger one takes twice as long to set up."""


def choose(accept_encoding: bytes | None, preference: tuple[Coding, ...]) -> Coding:
    """The coding that this client likes best, of equals the first in our `preference`; identity where it takes none."""
    if not accept_encoding:
        return Coding.IDENTITY
    if len(accept_encoding) <= LONGEST_REMEMBERED:
        return _remembered(accept_encoding, preference)
    return _chosen(accept_encoding, preference)


def _chosen(accept_encoding: bytes, preference: tuple[Coding, ...]) -> Coding:
    weights: dict[str, float] = {}
    named = accept_encoding.decode("latin-1").lower().split(",", MOST_NAMED)
    for part in named[:MOST_NAMED]:
        name, _, parameters = part.partition(";")
        weights[name.strip().replace("x-gzip", Coding.GZIP)] = _weight(parameters)
    others = weights.get("*", 0.0)
    liked = {coding: weights.get(coding, others) for coding in preference}
    best = max(preference, key=lambda coding: liked[coding])  # of equals the first
    # Identity is welcome unless it is refused, but nobody who names a coding likes it less.
    return best if liked[best] > 0 and liked[best] >= weights.get(Coding.IDENTITY, 0.0) else Coding.IDENTITY


_remembered = lru_cache(512)(_chosen)


def _weight(parameters: str) -> float:
    """`q` of an element; 0 where it is not a weight, so that nothing is sent that may not be wanted."""
    name, _, value = parameters.partition("=")
    if not name.strip():
        return 1.0
    try:
        weight = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0


def once(body: bytes, coding: Coding) -> bytes:
    """As small as it gets, in milliseconds a file: for what is written when the process starts."""
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(body, quality=11))
        case Coding.ZSTANDARD:
            return zstd.compress(body, 19)  # beyond it the window may be larger than browsers take (RFC 9659)
        case Coding.GZIP:
            return _gzip(body, 9)
    return body


def often(body: bytes, coding: Coding) -> bytes:
    """In some 0.15 ms a page: for what a hundred people get."""
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(body, quality=5, lgwin=WINDOW_BITS))
        case Coding.ZSTANDARD:
            return zstd.compress(body, 9)
        case Coding.GZIP:
            return _gzip(body, 6)
    return body


def each(body: bytes, coding: Coding) -> bytes:
    """In some 20 µs a page: for what one person gets."""
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.compress(body, quality=1, lgwin=WINDOW_BITS))
        case Coding.ZSTANDARD:
            return _quick.compress(body, _quick.FLUSH_FRAME)
        case Coding.GZIP:
            return _gzip(body, 1)
    return body


_quick = zstd.ZstdCompressor(level=1)
"""Set up once: that is a fifth of the time. A web process has one loop, and nothing here waits."""


def _gzip(body: bytes, level: int) -> bytes:
    writer = zlib.compressobj(level, zlib.DEFLATED, 31)
    return writer.compress(body) + writer.flush()
