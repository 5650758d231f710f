"""What no browser asks, and what some do: the fast path answers it as the framework does, and both as RFC 9110 says.

Each request is sent twice to the whole service: once so that the fast path takes it, and once with a header that comes
twice, which sends it through middleware and framework.
"""

import re
import socket
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

import pytest
import redis
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from config.app import create_app
from config.assets import STATIC
from config.processes.embedded import Valkey
from config.settings import Settings
from foundation.sql.database import Database
from server.fast_path import FastPath
from server.protocol.http_protocol import AnswerAtOnce, TaskWork
from server.rendering.compression import Coding
from tests.conftest import apart
from tests.support.processes.serving import serving, status_of
from tests.support.rooms import KEYS, make_period
from tests.unit.server.rendering.test_compression import read

STYLE = STATIC.file("base.css")

TEXT = STYLE.copies[Coding.IDENTITY]

HASH, LENGTH = STYLE.digest, len(TEXT)

CSS = f"/static/base.css?v={HASH}"

TAG, BROTLI_TAG = f'"{HASH}"', f'"{HASH}-br"'

ANOTHER_DAY = "Mon, 13 Jun 2016 12:30:00 GMT"

KB = 1024


class WatchedWays:
    """The whole service, and whether the fast path took each request."""

    def __init__(self, app: FastPath) -> None:
        self.app = app
        self.taken: list[bool] = []

    def quick(
        self, scope: Scope, headers: dict[bytes, bytes], body: bytes, answer: AnswerAtOnce
    ) -> bool | TaskWork:
        taken = self.app.quick(scope, headers, body, answer)
        self.taken.append(taken is not False)
        return taken

    def overloaded(self, scope: Scope) -> tuple[int, bytes, bytes]:
        return self.app.overloaded(scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class OddAnswer:
    """One answer, taken apart."""

    def __init__(self, answered: bytes) -> None:
        head, _, self.body = answered.partition(b"\r\n\r\n")
        self.status = status_of(answered)
        pairs = [line.decode("latin-1").partition(": ") for line in head.split(b"\r\n")[1:]]
        self.headers = [(name.lower(), value) for name, _, value in pairs]
        self.named = dict(self.headers)
        assert len(self.named) == len(self.headers), "no header comes twice"

    @property
    def text(self) -> bytes:
        """The body as its reader has it."""
        return read(self.body, Coding(self.named.get("content-encoding", "identity")))


class OddService(NamedTuple):
    """The service on a port."""

    port: int
    watched: WatchedWays

    def send(self, request: bytes) -> OddAnswer:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            got = b""
            while chunk := connection.recv(65536):
                got += chunk
        return OddAnswer(got)

    def ask(self, target: str, *lines: str, method: str = "GET", version: str = "1.1") -> OddAnswer:
        """One request on a connection of its own; `lines` are header lines."""
        own = ("Host: guichet.test", "Connection: close", *lines)
        head = "".join(f"{line}\r\n" for line in (f"{method} {target} HTTP/{version}", *own))
        return self.send(f"{head}\r\n".encode("latin-1"))

    def both(self, target: str, *lines: str, method: str = "GET") -> tuple[OddAnswer, OddAnswer]:
        """The answer, and the one that came by the framework."""
        first = self.ask(target, *lines, method=method)
        other = self.ask(target, *lines, "X-Odd: 1", "X-Odd: 1", method=method)
        assert self.watched.taken[-1:] != [True], "a header that comes twice is not for the fast path"
        return first, other


@pytest.fixture(scope="module")
def service(
    session_valkey: Valkey, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OddService]:
    path = tmp_path_factory.mktemp("odd") / "books.db"
    path.write_bytes(sqlite_template.read_bytes())
    with redis.Redis.from_url(session_valkey.url) as client:
        client.flushall()

    async def announce() -> None:
        database = Database(f"sqlite:///{path}")
        await make_period(database)
        await database.close()

    apart(announce())
    settings = Settings(
        database_url=f"sqlite:///{path}", redis_url=session_valkey.url, queue_redis_url=session_valkey.url,
        secret_keys=KEYS, public_url="http://guichet.test",
    )  # fmt: skip
    app = create_app(settings)
    assert isinstance(app, FastPath)
    watched = WatchedWays(app)
    with serving(watched, lifespan=True) as port:
        one = OddService(port, watched)
        one.ask("/periodes/essai")  # from here on its row and its line are known
        yield one


MOVING = ("x-request-id", "date", "connection", "retry-after", "set-cookie")
"""Headers that differ from answer to answer."""


def stable(got: OddAnswer) -> list[tuple[str, str]]:
    """The headers that both ways must agree on; the length of a page depends on the clock that it shows."""
    page = got.named.get("content-type", "").startswith("text/html")
    moving = (*MOVING, "content-length") if page else MOVING
    return sorted(pair for pair in got.headers if pair[0] not in moving)


def told(got: OddAnswer) -> bytes:
    """What it says, but for clocks and ids."""
    text = re.sub(rb'"request_id":"[^"]*"', b"", got.text)
    return re.sub(rb"\d+", b"0", text) if b"<html" in text else text


class Odd(NamedTuple):
    """A request, and what is right."""

    target: str
    status: int = 200
    headers: tuple[str, ...] = ()
    method: str = "GET"
    quick: bool | None = None
    """Whether the fast path takes it; None where either is right."""


def coding(*values: str, target: str = CSS) -> list[Odd]:
    return [Odd(target, 200, (f"Accept-Encoding: {value}",), quick=True) for value in values]


def kept(*values: str, status: int = 304) -> list[Odd]:
    return [Odd(CSS, status, (f"If-None-Match: {value}",), quick=True) for value in values]


def part(value: str, status: int, *more: str, target: str = CSS) -> Odd:
    return Odd(target, status, (f"Range: {value}", *more), quick=True)


CODINGS = coding(
    "br", "gzip", "zstd", "identity", "*", "x-gzip", "BR", "deflate, compress, dcb, dcz", "middle-out", "", ",,,;=,",
    "br;q=0, gzip;q=0, zstd;q=0", "*;q=0", "identity;q=0", "gzip;q=0.001", "br;q=1.0000, gzip;q=2", "gzip;q=-1",
    "gzip;q=NaN", "gzip;q=1e0", "gzip ; q = 0.5", "gzip;level=9", "gzip;q=1;q=0", "\xff\xfe\x80", "é", '"gzip"',
    "x" * 8 * KB, "br," * 4 * KB, "a;q=0.5," * KB + "gzip", "; " * 8 * KB,
    "gzip;q=0.9, br;q=0.1, zstd;q=0.5, *;q=0.2",
)  # fmt: skip

TAGS = [
    *kept(
        TAG, BROTLI_TAG, f"W/{TAG}", "*", f'"other", {TAG}', TAG + ', "x"' * 200, '"' + "x" * KB + f'", {TAG}'
    ),
    *kept(
        "",
        '"other"',
        HASH,
        '"' + "x" * KB + '"',
        '"' + "x" * 24 * KB,
        '"x",' * 6 * KB,
        "W/",
        "**",
        status=200,
    ),
]

PARTS = [
    part("bytes=0-3", 206), part("bytes=-5", 206), part("bytes=5-", 206), part(f"bytes={LENGTH - 1}-", 206),
    part("bytes=0-999999", 206), part("bytes=-999999", 206), part("BYTES=0-0", 206), part("bytes= 0-3", 206),
    part(f"bytes={LENGTH}-", 416), part("bytes=-0", 416), part("bytes=999999999999999999-", 416),
    part("bytes=0-3,5-6", 200), part("bytes=5-2", 200), part("bytes=-", 200), part("bytes=a-b", 200),
    part("bytes=0-" + "9" * KB, 200), part("lines=0-3", 200), part("", 200), part("bytes", 200), part("\xff", 200),
    part("bytes=0-3", 206, "Accept-Encoding: br"), part("bytes=0-3", 206, target="/static/call.wav"),
    part("bytes=0-3", 206, f"If-Range: {TAG}"), part("bytes=0-3", 200, f"If-Range: W/{TAG}"),
    part("bytes=0-3", 200, 'If-Range: "other"'), part("bytes=0-3", 200, f"If-Range: {BROTLI_TAG}"),
    part("bytes=0-3", 200, f"If-Range: {ANOTHER_DAY}"), part("bytes=0-3", 200, "If-Range: "),
    part("bytes=0-3", 304, f"If-None-Match: {TAG}"), part("bytes=0-3", 206, 'If-None-Match: "other"'),
    part("bytes=999999-", 304, f"If-None-Match: {TAG}"),
    Odd(CSS, 200, (f"If-Range: {TAG}",), quick=True),
]  # fmt: skip

CONDITIONS = [
    *(Odd(CSS, 200, (f"If-Match: {tags}",), quick=True) for tags in ("*", TAG, f'"other", {TAG}')),
    *(
        Odd(CSS, 412, (f"If-Match: {tags}",), quick=True)
        for tags in ("", f"W/{TAG}", '"other"', '"' + "x" * KB + '"')
    ),
    Odd(CSS, 200, (f"If-Match: {BROTLI_TAG}", "Accept-Encoding: br"), quick=True),
    Odd(CSS, 412, (f"If-Match: {BROTLI_TAG}", "Range: bytes=0-3"), quick=True),
    Odd(CSS, 200, (f"If-Modified-Since: {ANOTHER_DAY}",), quick=True),
    Odd(CSS, 304, (f"If-Modified-Since: {ANOTHER_DAY}", f"If-None-Match: {TAG}"), quick=True),
    Odd(CSS, 200, (f"If-Unmodified-Since: {ANOTHER_DAY}",), quick=True),
    Odd(CSS, 200, ("If-Modified-Since: yesterday",), quick=True),
]

PATHS = [
    Odd("/static/base.css"),
    Odd("/static/base.css?v=0123456789"),
    Odd(f"{CSS}&v={HASH}"),
    Odd(f"{CSS}&x"),
    Odd(f"{CSS}#x"),
    Odd("/static/base.css?"),
    Odd("/static/%62ase%2Ecss"),
    Odd(f"/static/base.css?V={HASH}"),
    Odd(f"/static/base.css?v={HASH.upper()}"),
    Odd("/static/base.css?" + "x" * 8 * KB),
    Odd("/static/base.css/", 307),
    Odd(f"/static/base.css/?v={HASH}", 307),
    Odd("/periodes/essai/", 307),
    Odd("/api/v1/periods/essai/tickets/me/", 307),
    Odd("/static/base.css//", 307),
    Odd("/static/BASE.CSS", 404),
    Odd("/static/", 404),
    Odd("/static", 404),
    Odd("/static//base.css", 404),
    Odd("//static/base.css", 404),
    Odd("/static/../x", 404),
    Odd("/static/../static/base.css", 404),
    Odd("/static/%2e%2e/%2e%2e/etc/passwd", 404),
    Odd("/static/..%2f..%2fetc%2fpasswd", 404),
    Odd("/static/..", 404),
    Odd("/static/.", 404),
    Odd("/static/base.css%20", 404),
    Odd("/static/base.css;v=1", 404),
    Odd("/static/base.css%3Fv=1", 404),
    Odd("/static/base.css%00", 400),
    Odd("/static/base.css?v=%00", 400),
    Odd("/static/%0d%0aX-Odd:%201", 400),
    Odd("/static/%ff.css", 404),
    Odd("/static/%zz.css", 404),
    Odd("/static/%u0041.css", 404),
    Odd("/static/" + "a" * 20 * KB, 404),
    Odd("/static/" + "a/" * KB, 404),
    Odd("/static/" + "%41" * KB, 404),
    Odd("/static/static_files.py", 404),
    Odd("/static/.gitignore", 404),
    Odd("/static/{name}", 404),
    Odd("/periodes/%2e%2e", 404),
    Odd("/periodes/" + "a" * 5 * KB, 404),
    Odd("/periodes//", 404),
]

METHODS = [
    *(Odd(CSS, 405, method=method) for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND")),
    Odd("/static/nothing.css", 405, method="POST"),
    Odd("/", 405, method="OPTIONS"),
    Odd(CSS, 200, ("Content-Length: 0",), quick=True),
]

PAGES = [
    Odd(page, 200, (header,))
    for page in ("/", "/periodes/essai", "/connexion")
    for header in (
        "Range: bytes=0-3", "If-None-Match: *", f"If-Range: {TAG}", f"If-Modified-Since: {ANOTHER_DAY}",
        "Accept-Encoding: br, gzip;q=0", "Accept-Encoding: ,", "Accept-Encoding: zstd;q=nonsense",
        "Accept-Encoding: " + "br;q=0.1," * KB,
    )
]  # fmt: skip

ODDS = [*CODINGS, *TAGS, *PARTS, *CONDITIONS, *PATHS, *METHODS, *PAGES]


@pytest.mark.parametrize("odd", ODDS, ids=lambda odd: f"{odd.method} {odd.target} {odd.headers}"[:80])
def test_what_is_odd_is_answered_alike_and_rightly(service: OddService, odd: Odd) -> None:
    """Status, headers and body by both ways; and what the standard says of an answer of that status."""
    before = len(service.watched.taken)
    quick, long = service.both(odd.target, *odd.headers, method=odd.method)
    taken = service.watched.taken[before:]
    assert odd.quick is None or taken[0] is odd.quick
    assert (quick.status, long.status) == (odd.status, odd.status)
    assert stable(quick) == stable(long)
    assert told(quick) == told(long)
    right(odd, quick)


def right(odd: Odd, got: OddAnswer) -> None:
    """What RFC 9110 says of an answer of this status to this request."""
    assert got.status < 500
    if got.status == 304:
        assert got.body == b"" and not {"content-length", "content-type", "content-encoding"} & set(got.named)
        assert {"etag", "cache-control", "vary"} <= set(got.named), "as with the file itself (15.4.5)"
        return
    assert int(got.named["content-length"]) == len(got.body)
    if got.status == 206:
        right_part(odd, got)
    elif got.status == 200 and is_style(odd.target):
        right_file(odd, got)
    else:
        assert got.named["cache-control"] == "no-store"
        assert not {"accept-ranges", "etag"} & set(got.named)
    if got.status == 416:
        assert got.named["content-range"] == f"bytes */{LENGTH}"
    elif got.status == 405:
        assert got.named["allow"] == "GET, HEAD"
    elif got.status == 307:
        path, mark, query = odd.target.partition("?")
        assert got.named["location"] == f"{path.rstrip('/')}{mark}{query}"


def is_style(target: str) -> bool:
    return target.replace("%62ase%2E", "base.").startswith("/static/base.css")


def right_part(odd: Odd, got: OddAnswer) -> None:
    """Of the file as it is, which is what its tag names."""
    file = STATIC.file("base.css" if is_style(odd.target) else "call.wav")
    text = file.copies[Coding.IDENTITY]
    first, last, whole = map(int, re.findall(r"\d+", got.named["content-range"]))
    assert (whole, got.body) == (len(text), text[first : last + 1])
    assert got.named["etag"] == f'"{file.digest}"' and "content-encoding" not in got.named


def right_file(odd: Odd, got: OddAnswer) -> None:
    """The style, in the coding that its tag names; for a year under its own address alone."""
    written = Coding(got.named.get("content-encoding", "identity"))
    assert got.text == TEXT
    assert got.named["etag"] == (TAG if written is Coding.IDENTITY else f'"{HASH}-{written}"')
    assert (got.named["vary"], got.named["accept-ranges"]) == ("accept-encoding", "bytes")
    lasting = odd.target.partition("#")[0] == CSS
    assert got.named["cache-control"] == ("public, max-age=31536000, immutable" if lasting else "no-cache")


@pytest.mark.parametrize(
    "odd", [*CODINGS, *TAGS, *CONDITIONS, *PATHS], ids=lambda odd: f"{odd.target} {odd.headers}"[:80]
)  # fmt: skip
def test_asking_for_the_head_alone_brings_the_same_head(service: OddService, odd: Odd) -> None:
    """HEAD is GET without what it would bring (RFC 9110, 9.3.2)."""
    whole, head = (service.ask(odd.target, *odd.headers, method=method) for method in ("GET", "HEAD"))
    assert head.body == b""
    assert head.status == whole.status
    assert stable(head) == stable(whole)


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=999999-"])
def test_a_range_is_one_of_a_get(service: OddService, asked: str) -> None:
    """The head of the whole file, whatever part is asked for (RFC 9110, 14.2)."""
    got = service.ask(CSS, f"Range: {asked}", method="HEAD")
    assert (got.status, got.named["content-length"]) == (200, str(LENGTH))
    assert "content-range" not in got.named


def test_other_forms_of_a_request_are_the_same_request(service: OddService) -> None:
    """HTTP/1.0, the whole address as target, a head in pieces, one header on two lines: nothing else comes."""
    plain = service.ask(CSS, "Accept-Encoding: br")
    forms = [
        service.ask(CSS, "Accept-Encoding: br", version="1.0"),
        service.ask(f"http://guichet.test{CSS}", "Accept-Encoding: br"),
        service.ask(CSS, "ACCEPT-encoding:br"),
        service.ask(CSS, "Accept-Encoding: br", "Accept-Encoding: gzip;q=0"),
        service.ask(CSS, "Accept-Encoding: br", "Cookie: a=1", "Cookie: b=2"),
    ]
    for form in forms:
        assert (form.status, stable(form), form.body) == (200, stable(plain), plain.body)


@pytest.mark.parametrize(
    "request_line", ["BREW /static/base.css HTTP/1.1", "GET  HTTP/1.1", "GET /\xe9 HTTP/1.1", "GET /a b HTTP/1.1"]
)  # fmt: skip
def test_what_is_no_request_is_400(service: OddService, request_line: str) -> None:
    """And no cache keeps that."""
    got = service.send(f"{request_line}\r\nHost: guichet.test\r\nConnection: close\r\n\r\n".encode("latin-1"))
    assert (got.status, got.named["cache-control"]) == (HTTPStatus.BAD_REQUEST, "no-store")


VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=200
)


@given(
    name=st.sampled_from(["Accept-Encoding", "Range", "If-None-Match", "If-Range", "If-Match", "If-Modified-Since"]),
    value=VALUES | st.lists(st.sampled_from([
        "gzip", "br", "zstd", "*", ",", ";", "q=", "0", "1", ".", "bytes=", "-", TAG, BROTLI_TAG, "W/", '"', " ",
    ]), max_size=12).map("".join),
    ranged=st.booleans(),
)  # fmt: skip
@example(name="Range", value="bytes=--1", ranged=False)
@hypothesis_settings(max_examples=150, deadline=None)
def test_whatever_a_header_says_both_ways_answer_alike(
    service: OddService, name: str, value: str, ranged: bool
) -> None:
    """And never as if something of ours were broken."""
    more = ("Range: bytes=0-9",) if ranged and name != "Range" else ()
    quick, long = service.both(CSS, f"{name}: {value}", *more)
    assert quick.status in (200, 206, 304, 412, 416)
    assert (quick.status, stable(quick), quick.body) == (long.status, stable(long), long.body)
