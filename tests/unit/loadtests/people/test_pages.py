"""What a browser fetches for a page, read from a page; and what stands on it."""

import pytest

from loadtests.people.pages import COMPRESSED, IDENTITY, PageLinks, links, shows

PAGE = """<!doctype html><html><head>
<link rel="icon" type="image/svg+xml" href="/static/icon-open.1.svg">
<link rel="stylesheet" href="/static/base.2.css"><link rel="canonical" href="/periodes/demo">
<link rel="preload" as="script" href="/static/room.3.js">
<noscript><link rel="stylesheet" href="/static/plain.4.css"></noscript></head>
<body><a href="/documents">D</a><img src="/static/icon.5.svg" alt=""><img src="data:image/gif;base64,R0" alt="">
<template><img src="/static/later.6.svg" alt=""></template>
<script defer src="/static/live_page.7.js"></script><script type="module" src="/static/room.3.js"></script>
<script nomodule src="/static/refresh.8.js"></script><script src="//elsewhere.example/x.js"></script>
<script>let here = 1;</script></body></html>"""


def test_a_browser_with_scripts_fetches_what_the_page_links_to() -> None:
    """Each file once, in the order of the page; nothing that it skips, has already, or gets elsewhere."""
    assert links(PAGE) == (
        "/static/icon-open.1.svg",
        "/static/base.2.css",
        "/static/room.3.js",
        "/static/icon.5.svg",
        "/static/live_page.7.js",
    )


def test_the_first_of_a_kind_reads_the_page_and_the_others_fetch_what_it_found() -> None:
    """Whoever comes later asks for a compressed page, but for a sample; what a browser has it does not fetch again."""
    known = PageLinks()
    assert known.accepts("page") == IDENTITY
    assert known.new("page", ()) == []
    known.read("page", PAGE)
    known.read("page", "<img src='/other.svg'>")
    assert (known.accepts("page"), known.accepts("page", sample=True)) == (COMPRESSED, IDENTITY)
    assert known.accepts("place") == IDENTITY
    assert known.new("page", {"/static/icon.5.svg"})[-1] == "/static/live_page.7.js"


@pytest.mark.parametrize(
    ("text", "number", "found"),
    [
        ("<p>1\N{NARROW NO-BREAK SPACE}234</p>", 1234, True),
        ("<p>1234</p>", 1234, True),
        ("<p>11\N{NARROW NO-BREAK SPACE}234</p>", 1234, False),
        ("<p>12345</p>", 1234, False),
        ("<p>7</p>", 7, True),
        ("<p>17</p>", 7, False),
    ],
)
def test_a_number_is_found_as_french_writes_it(text: str, number: int, found: bool) -> None:
    """And no other number for it."""
    assert shows(text, number) is found
