"""Pages as answers: coded as asked, and rendered once for many."""

import zlib
from collections.abc import Hashable

import pytest

from server.rendering.compression import Coding
from server.rendering.page_answers import HTML, SharedPages, page_answer
from server.requests import Incoming

LONG = "<p>Bonjour</p>" * 100


def came(accept_encoding: str = "gzip") -> Incoming:
    """A request for a page."""
    scope = {"path": "/", "headers": [(b"accept-encoding", accept_encoding.encode())]}
    return Incoming(scope)


def text_of(pages: SharedPages, key: Hashable, basis: tuple[object, ...], text: str) -> bytes:
    """What somebody gets who asks for this key when the page would say this text."""
    return pages.answer(came(""), key, basis, lambda: text).body


def test_a_page_says_how_it_is_written_and_that_nobody_keeps_it() -> None:
    """A proxy that kept it all the same would have to ask which coding is wanted."""
    answer = page_answer(b"gzip", LONG.encode())
    assert zlib.decompress(answer.body, 31) == LONG.encode()
    assert dict(answer.kind) == {
        b"content-type": b"text/html; charset=utf-8", b"cache-control": b"no-store", b"vary": b"accept-encoding",
        b"content-encoding": b"gzip",
    }  # fmt: skip


def test_a_short_page_goes_as_it_is() -> None:
    """It fits into a packet, and says so."""
    assert page_answer(b"gzip", b"<p>").kind is HTML[Coding.IDENTITY]


def test_many_get_what_was_rendered_once() -> None:
    """Whoever asks within the time gets the same page, in the coding they take."""
    pages, rendered = SharedPages(lasts_seconds=60), []

    def render() -> str:
        rendered.append(1)
        return LONG

    answers = [pages.answer(came(coding), "home", (), render) for coding in ("gzip", "br", "gzip", "")]
    assert len(rendered) == 1
    assert answers[0].body is answers[2].body
    assert answers[3].body == LONG.encode()


def test_another_state_is_another_page() -> None:
    """The key says which state; what it rests on has to be the very same thing."""
    pages, row, other = SharedPages(lasts_seconds=60), object(), object()
    assert text_of(pages, "open", (row,), "first") == b"first"
    assert text_of(pages, "open", (row,), "second") == b"first"
    assert text_of(pages, "closed", (row,), "third") == b"third"
    assert text_of(pages, "open", (other,), "fourth") == b"fourth"
    assert text_of(pages, "open", (), "fifth") == b"fifth"


def test_a_page_that_is_too_old_is_rendered_anew() -> None:
    """What it says of the time is no older than that."""
    pages = SharedPages(lasts_seconds=0)
    assert [text_of(pages, "k", (), text) for text in "ab"] == [b"a", b"b"]


@pytest.mark.parametrize("asked", range(5))
def test_strangers_fill_nothing(asked: int) -> None:
    """However many states there are, so many pages are remembered."""
    pages = SharedPages(lasts_seconds=60, most=3)
    for key in range(10 * (asked + 1)):
        text_of(pages, key, (), "x")
        assert len(pages._pages) <= 3
