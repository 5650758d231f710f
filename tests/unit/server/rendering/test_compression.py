"""Content codings: the one a client asks for, written so that it reads the same."""

import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rendering import compression
from server.rendering.compression import QUICKEST, SMALLEST, Coding, choose, zstd

CHROMIUM = b"gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("asked", "smallest", "quickest"),
    [
        (CHROMIUM, "br", "zstd"),
        (b"gzip, deflate", "gzip", "gzip"),
        (b"br", "br", "br"),
        (b"BR;q=1.0", "br", "br"),
        (b"gzip;q=1, br;q=0.5", "gzip", "gzip"),
        (b"x-gzip", "gzip", "gzip"),
        (b"*", "br", "zstd"),
        (b"*;q=0", "identity", "identity"),
        (b"br;q=0, *", "zstd", "zstd"),
        (b"identity", "identity", "identity"),
        (b"identity;q=1, gzip;q=0.1", "identity", "identity"),
        (b"identity;q=0", "identity", "identity"),
        (b"br;q=nonsense, gzip", "gzip", "gzip"),
        (b"br;level=3, gzip", "gzip", "gzip"),
        (b"br;q=2", "identity", "identity"),
        (b"deflate, compress, dcb, middle-out", "identity", "identity"),
        (b"", "identity", "identity"),
        (b",,;;=,", "identity", "identity"),
        (b"\xff\xfe, gzip", "gzip", "gzip"),
        (b"x" * 5000 + b", gzip", "gzip", "gzip"),
    ],
)
def test_the_header_decides(asked: bytes, smallest: str, quickest: str) -> None:
    """What was not asked for breaks a page; of what is liked alike, the first of ours."""
    assert (choose(asked, SMALLEST), choose(asked, QUICKEST)) == (smallest, quickest)


def test_without_a_header_nothing_is_compressed() -> None:
    """Programs that say nothing get what they always got."""
    assert choose(None, SMALLEST) is Coding.IDENTITY


def read(body: bytes, coding: Coding) -> bytes:
    """What a browser makes of it."""
    match coding:
        case Coding.BROTLI:
            return bytes(brotli.decompress(body))
        case Coding.ZSTANDARD:
            return zstd.decompress(body)
        case Coding.GZIP:
            return zlib.decompress(body, 31)
    return body


@given(st.binary(max_size=4000), st.sampled_from(list(Coding)))
def test_every_way_of_writing_reads_the_same(body: bytes, coding: Coding) -> None:
    """Once, often, or for each; the compressor that is kept begins anew for each page."""
    for write in (compression.once, compression.often, compression.each, compression.each):
        assert read(write(body, coding), coding) == body


def test_browsers_take_the_window() -> None:
    """Beyond 8 MiB they refuse to read a word (RFC 9659): the frame's own header says how much it needs."""
    for write in (compression.once, compression.often, compression.each):
        written = write(b"guichet " * 100_000, Coding.ZSTANDARD)
        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
        assert zstd.decompress(written, options=options) == b"guichet " * 100_000
