"""A part of a body by its bytes."""

import pytest

from server.rendering.byte_ranges import Unsatisfiable, wanted


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (b"bytes=0-0", b"a"),
        (b"bytes=2-3", b"cd"),
        (b"bytes=2-", b"cdefghij"),
        (b"bytes=2-999999999999999999", b"cdefghij"),
        (b"bytes=-3", b"hij"),
        (b"bytes=-99", b"abcdefghij"),
        (b"Bytes= 2-3 ", b"cd"),
    ],
)
def test_a_range_is_a_part(header: bytes, part: bytes) -> None:
    """From, to, and the last ones."""
    found = wanted(header, 10)
    assert found is not None
    assert b"abcdefghij"[found] == part


@pytest.mark.parametrize(
    "header",
    [b"", b"bytes", b"bytes=", b"bytes=-", b"bytes=3-2", b"bytes=a-b", b"bytes=0-1,3-4", b"lines=0-1",
     b"bytes=" + b"9" * 99],
)  # fmt: skip
def test_what_is_no_single_range_is_ignored(header: bytes) -> None:
    """The whole is always a right answer (RFC 9110, 14.2)."""
    assert wanted(header, 10) is None


@pytest.mark.parametrize("header", [b"bytes=10-", b"bytes=99-100", b"bytes=-0"])
def test_behind_the_end_there_is_nothing(header: bytes) -> None:
    """416, with the length that there is."""
    with pytest.raises(Unsatisfiable):
        wanted(header, 10)
