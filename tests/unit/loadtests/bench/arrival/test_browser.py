"""What a browser sends is what Chromium sends; what it fetches of a page is what the page names, once."""

import pytest

from loadtests.bench.arrival.browser import (
    PageForm,
    PageLink,
    RequestKind,
    cookie_line,
    handshake,
    keep_cookies,
    read_page,
    request,
)

HOST = "127.0.0.1:8000"

PAGE = """<!doctype html><head>
<link rel="icon" type="image/svg+xml" href="/static/icon.svg?v=1"><link rel="stylesheet" href="/static/base.css?v=1">
<link rel="modulepreload" href="/static/room.js?v=1&amp;a=b"><link rel="canonical" href="/periodes/demo">
<noscript><img src="/counted/by/nobody"></noscript></head>
<img src="/static/icon.svg?v=1" alt=""><img src="data:image/svg+xml,x"><img src="//elsewhere/x.png">
<form method="post" action="/periodes/demo/joindre"><input type="hidden" name="pointer" value="">
<button>x</button></form><form action="?seule=1"><input name="q" value="é"></form>
<script type="module" src="/static/room.js?v=1&amp;a=b"></script><script nomodule src="/static/old.js"></script>
<script defer src="more.js"></script><script>inline()</script>"""


def test_a_page_is_fetched_as_a_browser_with_scripts_does() -> None:
    """Each address once; nothing of old browsers, of those without scripts, of what is inline or elsewhere."""
    assert read_page(PAGE, "/periodes/demo").links == [
        PageLink("/static/icon.svg?v=1", RequestKind.IMAGE),
        PageLink("/static/base.css?v=1", RequestKind.STYLE),
        PageLink("/static/room.js?v=1&a=b", RequestKind.MODULE),
        PageLink("/periodes/more.js", RequestKind.SCRIPT),
    ]


def test_a_form_is_sent_with_its_fields() -> None:
    """By where it leads; one that is not there is said."""
    page = read_page(PAGE, "/periodes/demo")
    assert page.form("/joindre") == PageForm("/periodes/demo/joindre", [("pointer", "")])
    assert page.forms[1] == PageForm("/periodes/demo?seule=1", [("q", "é")])
    with pytest.raises(SystemExit, match="no form"):
        page.form("/connexion")


def test_a_request_says_what_it_is_for() -> None:
    """An address that was typed has no page before it; a file is asked for by its page, with the cookies."""
    typed = request(HOST, "/periodes/demo").bytes().decode()
    assert "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n" in typed and "Referer" not in typed
    assert "Accept-Encoding: gzip, deflate, br, zstd\r\n" in typed and "Cookie" not in typed
    style = request(HOST, "/static/base.css", RequestKind.STYLE, referer="/periodes/demo").bytes(b"a=b")
    assert b"Sec-Fetch-Dest: style\r\n" in style and b"Cookie: a=b\r\n" in style
    assert b"Referer: http://127.0.0.1:8000/periodes/demo\r\n" in style and style.endswith(b"\r\n\r\n")


def test_a_button_sends_its_form() -> None:
    """With its length and the origin that the service asks for."""
    sent = request(
        HOST, "/x", RequestKind.FORM, referer="/", fields=[("pointer", "fine"), ("a", "é")]
    ).bytes()
    head, _, body = sent.decode().partition("\r\n\r\n")
    assert body == "pointer=fine&a=%C3%A9" and f"Content-Length: {len(body)}\r\n" in head
    assert "POST /x HTTP/1.1\r\n" in head and f"Origin: http://{HOST}\r\n" in head


def test_a_handshake_shows_the_cookies() -> None:
    """A WebSocket of this page."""
    sent = handshake(HOST, "/live").bytes(b"ticket-demo=x")
    assert b"Upgrade: websocket\r\n" in sent and b"Cookie: ticket-demo=x\r\n" in sent


def test_cookies_are_kept_until_they_are_taken_back() -> None:
    """In the order in which they came."""
    jar: dict[bytes, bytes] = {}
    keep_cookies(b"HTTP/1.1 200 OK\r\nset-cookie: a=1; Path=/\r\nSet-Cookie: b=2; Max-Age=9\r\n\r\n", jar)
    assert cookie_line(jar) == b"a=1; b=2"
    keep_cookies(b"HTTP/1.1 200 OK\r\nset-cookie: a=; Max-Age=0; Path=/\r\n\r\n", jar)
    assert cookie_line(jar) == b"b=2"
