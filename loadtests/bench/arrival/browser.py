"""What a browser on a desktop sends, and what it reads of a page: heads, cookies, links, forms. No I/O.

The heads are those of Chromium 156 on Windows, header by header, as it sends them to 127.0.0.1.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from html.parser import HTMLParser
from typing import Final, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

AGENT: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36"
)

BRANDS: Final = '"Chromium";v="156", "Not)A;Brand";v="8"'

ENCODINGS: Final = "gzip, deflate, br, zstd"

LANGUAGES: Final = "fr-CA,fr;q=0.9"

PROBE: Final = {"touch_points": "0", "pointer": "fine", "any_pointer": "fine", "any_hover": "hover"}
"""What a page's script fills into a form on a computer with a mouse."""

COOKIE: Final = re.compile(rb"^set-cookie: *([^=;\s]+)=([^;\r]*)([^\r]*)", re.I | re.M)


class RequestKind(StrEnum):
    """What a request is for: its `Sec-Fetch-Dest`, or how it differs from the others of that destination."""

    PAGE = "document"
    FORM = "form"
    """A page again, asked for by the button of a form."""
    STYLE = "style"
    SCRIPT = "script"
    MODULE = "module"
    IMAGE = "image"
    FETCH = "empty"
    """By a script of the page."""


ACCEPTS: Final = {
    RequestKind.PAGE: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
    "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    RequestKind.STYLE: "text/css,*/*;q=0.1",
    RequestKind.IMAGE: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
}

PAGES: Final = (RequestKind.PAGE, RequestKind.FORM)


class RequestHead(NamedTuple):
    """The bytes of a request but for its cookies, which stand between."""

    before: bytes
    after: bytes

    def bytes(self, cookies: bytes = b"", more: bytes = b"") -> bytes:
        """The whole of it; `more` are lines of other headers."""
        shown = b"Cookie: %b\r\n" % cookies if cookies else b""
        return b"".join((self.before, shown, more, self.after))


def request(
    host: str, path: str, kind: RequestKind = RequestKind.PAGE, *, referer: str = "", encodings: str = ENCODINGS,
    fields: Sequence[tuple[str, str]] | None = None,
) -> RequestHead:  # fmt: skip
    """A request as the browser makes it; `referer` is the path of the page that asks, empty for an address typed."""
    is_page, body = kind in PAGES, urlencode(fields or ()).encode()
    lines = [
        f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: keep-alive",
    ]
    if fields is not None:
        lines += [f"Content-Length: {len(body)}", "Cache-Control: max-age=0"]
    lines += [f"sec-ch-ua: {BRANDS}", "sec-ch-ua-mobile: ?0", 'sec-ch-ua-platform: "Windows"']
    if fields is not None:
        lines += [f"Origin: http://{host}", "Content-Type: application/x-www-form-urlencoded"]
    if is_page:
        lines.append("Upgrade-Insecure-Requests: 1")
    lines += [f"User-Agent: {AGENT}", f"Accept: {ACCEPTS.get(RequestKind.PAGE if is_page else kind, '*/*')}"]
    lines += _fetch_lines(kind, "same-origin" if referer else "none")
    lines += [f"Referer: http://{host}{referer}"] if referer else []
    lines += [f"Accept-Encoding: {encodings}", f"Accept-Language: {LANGUAGES}"]
    return RequestHead(("\r\n".join(lines) + "\r\n").encode(), b"\r\n" + body)


def _fetch_lines(kind: RequestKind, site: str) -> list[str]:
    """The `Sec-Fetch-*` of a request."""
    if kind in PAGES:
        return [
            f"Sec-Fetch-Site: {site}",
            "Sec-Fetch-Mode: navigate",
            "Sec-Fetch-User: ?1",
            "Sec-Fetch-Dest: document",
        ]
    mode = "cors" if kind in (RequestKind.MODULE, RequestKind.FETCH) else "no-cors"
    dest = RequestKind.SCRIPT if kind is RequestKind.MODULE else kind
    return ["Sec-Fetch-Site: same-origin", f"Sec-Fetch-Mode: {mode}", f"Sec-Fetch-Dest: {dest}"]


def handshake(host: str, path: str) -> RequestHead:
    """The request that opens a WebSocket. Its key is always the same: a server only hashes it."""
    return RequestHead(
        (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
            f"Cache-Control: no-cache\r\nUser-Agent: {AGENT}\r\nUpgrade: websocket\r\nOrigin: http://{host}\r\n"
            f"Sec-WebSocket-Version: 13\r\nAccept-Encoding: {ENCODINGS}\r\nAccept-Language: {LANGUAGES}\r\n"
        ).encode(),
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
    )


def keep_cookies(head: bytes, jar: dict[bytes, bytes]) -> None:
    """Put into `jar` what this head sets, and take out what it ends."""
    for name, value, attributes in COOKIE.findall(head):
        if value and b"max-age=0" not in attributes.lower():
            jar[name] = value
        else:
            jar.pop(name, None)


def cookie_line(jar: Mapping[bytes, bytes]) -> bytes:
    """What the browser says of its cookies."""
    return b"; ".join(b"%b=%b" % pair for pair in jar.items())


class PageLink(NamedTuple):
    """A file that a page makes the browser fetch."""

    path: str
    kind: RequestKind


class PageForm(NamedTuple):
    """A form of a page: where it goes, and its fields as they stand."""

    action: str
    fields: list[tuple[str, str]]


class ReadPage(NamedTuple):
    """What a browser sees of a page to go on with: each address once."""

    links: list[PageLink]
    forms: list[PageForm]

    def form(self, ending: str) -> PageForm:
        """The first form whose address ends so. Raises SystemExit where there is none."""
        for form in self.forms:
            if urlsplit(form.action).path.endswith(ending):
                return form
        raise SystemExit(f"the page has no form that leads to …{ending}")


def read_page(html: str, path: str) -> ReadPage:
    """What a browser with scripts fetches of this page, and its forms. Relative addresses are those of `path`."""
    reader = _PageReader(path)
    reader.feed(html)
    reader.close()
    return ReadPage([PageLink(*pair) for pair in reader.links.items()], reader.forms)


class _PageReader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: dict[str, RequestKind] = {}
        self.forms: list[PageForm] = []
        self.unscripted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        seen = {name: value or "" for name, value in attrs}
        if tag == "noscript":
            self.unscripted += 1
        if self.unscripted:
            return
        if tag == "link":
            self._link(seen)
        elif tag == "script" and "src" in seen and "nomodule" not in seen:
            self._fetches(
                seen["src"], RequestKind.MODULE if seen.get("type") == "module" else RequestKind.SCRIPT
            )
        elif tag == "img":
            self._fetches(seen.get("src", ""), RequestKind.IMAGE)
        elif tag == "form":
            self.forms.append(PageForm(urljoin(self.path, seen.get("action", "")), []))
        elif tag == "input" and self.forms and "name" in seen:
            self.forms[-1].fields.append((seen["name"], seen.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "noscript":
            self.unscripted -= 1

    def _link(self, seen: Mapping[str, str]) -> None:
        rel = seen.get("rel", "").split()
        if "stylesheet" in rel:
            self._fetches(seen.get("href", ""), RequestKind.STYLE)
        elif "icon" in rel:
            self._fetches(seen.get("href", ""), RequestKind.IMAGE)
        elif "modulepreload" in rel:
            self._fetches(seen.get("href", ""), RequestKind.MODULE)
        elif "preload" in rel:
            known = {str(kind): kind for kind in RequestKind}
            self._fetches(seen.get("href", ""), known.get(seen.get("as", ""), RequestKind.FETCH))

    def _fetches(self, address: str, kind: RequestKind) -> None:
        """What is inline already (`data:`) or another host's costs this server nothing."""
        parts = urlsplit(urljoin(self.path, address))
        if address and not parts.scheme and not parts.netloc:
            self.links.setdefault(parts.path + (f"?{parts.query}" if parts.query else ""), kind)
