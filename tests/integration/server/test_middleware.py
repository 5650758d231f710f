"""The frame around every request, on a real server: ids, headers, origins, sizes, times, last resort."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from foundation.errors import Code, Refusal
from foundation.events import Events
from server.middleware import framed
from server.problems import Problems
from server.protocol.http_protocol import HttpProtocol
from server.request_checks import MOST_BODY_BYTES
from server.requests import incoming
from server.response_defaults import ResponseDefaults
from tests.support.serving import answer, raw, serving, status_of

BODY_SECONDS = 0.6


class CountedEvents(Events):
    """Keeps what was counted."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []

    def count(self, name: str, n: int = 1, /, **labels: str) -> None:
        self.seen.append({"name": name, **labels})


async def echo(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(f"{len(body)} {incoming(request).age_ms()}")


async def late(request: Request) -> Response:
    await asyncio.sleep(0.3)
    return PlainTextResponse(str(incoming(request).age_ms()))


async def fail(request: Request) -> Response:
    raise RuntimeError("canary-1234")


async def cut(request: Request) -> Response:
    async def half() -> Any:
        yield b"half"
        raise RuntimeError("canary-1234")

    return StreamingResponse(half(), headers={"content-length": "1000"})


async def live(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close(1000)


async def refused_live(socket: WebSocket) -> None:
    raise Refusal(Code.NO_TICKET)


async def broken_live(socket: WebSocket) -> None:
    await socket.accept()
    raise RuntimeError("canary-1234")


def plain() -> Starlette:
    """A small application with one route of each kind; no frame yet."""
    problems = Problems("http://guichet.example")
    routes = [
        Route("/echo", echo, methods=["GET", "POST", "DELETE"]), Route("/late", late, methods=["POST"]),
        Route("/fail", fail), Route("/cut", cut), Route("/things/{id}", echo),
        WebSocketRoute("/live", live), WebSocketRoute("/refused", refused_live), WebSocketRoute("/broken", broken_live),
    ]  # fmt: skip
    return Starlette(routes=routes, exception_handlers=problems.handlers())


def in_middleware(events: Events | None = None, public_url: str = "http://guichet.example") -> ASGIApp:
    problems = Problems(public_url)
    defaults = ResponseDefaults(problems, events or Events(), public_url)
    return framed(plain(), defaults, public_url, body_seconds=BODY_SECONDS)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(in_middleware()) as port:
        yield port


def ask(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request; header names with underscores for hyphens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, sent)
    got = connection.getresponse()
    result = got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    connection.close()
    return result


def code_of(body: bytes | bytearray) -> str:
    return str(json.loads(body)["code"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/echo"), ("GET", "/nothing"), ("PUT", "/echo"), ("GET", "/fail"), ("GET", "/a%00")],
)
def test_every_answer_has_an_id_and_the_security_headers(port: int, method: str, path: str) -> None:
    """Answers, refusals and the last resort alike."""
    status, headers, body = ask(port, method, path)
    assert len(headers["x-request-id"]) >= 8
    assert headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self';"
    )
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    if status >= 400:
        assert json.loads(body)["request_id"] == headers["x-request-id"]


def test_behind_tls_browsers_are_told_to_stay_there() -> None:
    """HSTS is sent when the public address is https."""
    with serving(in_middleware(public_url="https://guichet.example")) as port:
        _, headers, _ = ask(port, "GET", "/echo")
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "wss://guichet.example" in headers["content-security-policy"]


@pytest.mark.parametrize(("given", "kept"), [("proxy-4711.a_b", True), ("short", False), ("x" * 65, False)])
def test_an_id_from_outside_is_kept_if_it_is_short_and_clean(port: int, given: str, kept: bool) -> None:
    """A proxy's log and ours can be joined; nobody writes into our log."""
    _, headers, _ = ask(port, "GET", "/echo", X_Request_ID=given)
    assert (headers["x-request-id"] == given) is kept


@pytest.mark.parametrize(
    "request_",
    [
        b"GARBAGE\r\n\r\n",
        b"SNATCH /echo HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: "
        + b"x" * 20_000
        + b"\r\n\r\n",
    ],
)
def test_what_never_becomes_a_request_has_an_id_too(port: int, request_: bytes) -> None:
    """Every answer carries `X-Request-ID`, also the server's own to what it cannot read."""
    got = raw(port, request_)
    assert 400 <= status_of(got) < 500, got
    assert got.lower().count(b"\r\nx-request-id: ") == 1, got


def test_an_id_with_odd_characters_is_replaced(port: int) -> None:
    """Quotes, blanks and non-ASCII never reach a log line."""
    for given in (b'a"b","level":"x', b"abc defgh", b"abc\xe9defgh"):
        got = raw(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nX-Request-ID: " + given + b"\r\n\r\n")
        assert given not in got
        assert status_of(got) == 200


def test_a_body_at_the_limit_passes_and_one_byte_more_is_refused(port: int) -> None:
    """64 KiB is the limit, whatever Content-Length says."""
    status, _, body = ask(port, "POST", "/echo", b"x" * MOST_BODY_BYTES)
    assert (status, body.split()[0]) == (200, str(MOST_BODY_BYTES).encode())
    status, headers, body = ask(port, "POST", "/echo", b"x" * (MOST_BODY_BYTES + 1))
    assert (status, code_of(body)) == (413, "too_large")
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"


def test_the_limit_is_the_frames() -> None:
    """Twin: without the frame the same application takes ten times as much."""
    with serving(plain()) as port:
        status, _, body = ask(port, "POST", "/echo", b"x" * (10 * MOST_BODY_BYTES))
    assert (status, body.split()[0]) == (200, str(10 * MOST_BODY_BYTES).encode())


def chunks(size: int, of: int = 8192) -> Iterator[bytes]:
    for _ in range(size // of):
        yield b"x" * of


def test_a_body_of_unknown_length_is_counted_as_it_comes(port: int) -> None:
    """Chunked, without Content-Length: the limit holds, and the refusal arrives although the sender still sends."""
    status, _, body = ask(port, "POST", "/echo", chunks(10 * MOST_BODY_BYTES))
    assert (status, code_of(body)) == (413, "too_large")


def test_the_sender_of_megabytes_reads_its_refusal(port: int) -> None:
    """What is under way is read and thrown away: the answer is a 413, not a broken pipe."""
    status, _, body = ask(port, "POST", "/echo", b"x" * 8_000_000)
    assert (status, code_of(body)) == (413, "too_large")


def test_a_sender_that_asks_first_is_refused_before_it_sends(port: int) -> None:
    """With `Expect: 100-continue` and too much announced, the answer is the refusal at once."""
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 10000000\r\n\r\n"
    started = time.monotonic()
    got = raw(port, head)
    assert status_of(got) == 413
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("length", [b"Content-Length: 500", b"Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come_is_given_up(port: int, length: bytes) -> None:
    """A lying Content-Length or an unfinished chunk is a refusal after the deadline, and the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        started = time.monotonic()
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n\r\n5\r\nabc")
        got = answer(connection)
        took = time.monotonic() - started
        assert status_of(got) == 400
        assert code_of(got.partition(b"\r\n\r\n")[2]) == "bad_request"
        assert BODY_SECONDS - 0.05 < took < BODY_SECONDS + 2  # the loop counts in whole milliseconds
        assert connection.recv(1) == b""


def test_a_dripping_body_does_not_move_the_deadline(port: int) -> None:
    """The deadline is for the whole body: a byte now and then changes nothing."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        started = time.monotonic()
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n")
        connection.settimeout(0.1)
        got = b""
        while not got and time.monotonic() - started < 5:
            connection.sendall(b"x")
            try:
                got = connection.recv(65536)
            except TimeoutError:
                continue
        assert status_of(got) == 400
        assert time.monotonic() - started < BODY_SECONDS + 2


def test_a_client_that_leaves_in_the_middle_is_no_error(port: int) -> None:
    """Nobody is answered, and the next one is served."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nabc")
    assert ask(port, "POST", "/echo", b"abc")[0] == 200


def test_the_age_counts_from_the_last_byte(port: int) -> None:
    """A body that took its time is as young as its last byte; a slow handler is not."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.sendall(b"cd")
        connection.settimeout(5)
        length, age = answer(connection).partition(b"\r\n\r\n")[2].split()
    assert (length, int(age) < 200) == (b"4", True)
    assert int(ask(port, "POST", "/late", b"ab")[2]) >= 300


def test_two_requests_on_one_connection_have_their_own_bodies(port: int) -> None:
    """Reading a body ahead leaves the next request alone."""
    one = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
    two = b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nabcde"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(one + two)
        got = b""
        while chunk := connection.recv(65536):
            got += chunk
    assert [part.split(b" ")[0] for part in got.split(b"\r\n\r\n")[1:]] == [b"3", b"5"]


COOKIE = {"Cookie": "ticket-demo=x"}

BEARER = {"Authorization": "Bearer x"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (BEARER, 200),
        (COOKIE, 403),
        (COOKIE | BEARER, 200),
        (COOKIE | {"Origin": "http://guichet.example"}, 200),
        (COOKIE | {"Origin": "http://GUICHET.example:80"}, 200),
        (COOKIE | {"Origin": "http://asked.example:8080", "Host": "asked.example:8080"}, 200),
        (COOKIE | {"Origin": "http://asked.example:8081", "Host": "asked.example:8080"}, 403),
        (COOKIE | {"Origin": "https://asked.example:8080", "Host": "asked.example:8080"}, 403),
        (COOKIE | {"Origin": "https://guichet.example"}, 403),
        (COOKIE | {"Origin": "http://guichet.example.evil.example"}, 403),
        (COOKIE | {"Origin": "http://guichet.example@evil.example"}, 403),
        (COOKIE | {"Origin": "http://guichet.example/"}, 403),
        (COOKIE | {"Origin": "null"}, 403),
        (COOKIE | {"Origin": ""}, 403),
        (COOKIE | {"Origin": "http://[bad"}, 403),
        (COOKIE | {"Origin": "http://x:99999"}, 403),
        (COOKIE | {"Origin": "file://"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        (BEARER | {"Origin": "http://evil.example"}, 403),
        (BEARER | COOKIE | {"Origin": "null"}, 403),
        (COOKIE | {"Sec-Fetch-Site": "same-origin"}, 200),
        (COOKIE | {"Sec-Fetch-Site": "none"}, 200),
        (COOKIE | {"Sec-Fetch-Site": "same-site"}, 403),
        (COOKIE | {"Sec-Fetch-Site": "cross-site"}, 403),
        (COOKIE | {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        (COOKIE | {"Authorization": "Basic x"}, 403),
    ],
    ids=str,
)
def test_only_our_own_pages_and_programs_may_act(port: int, headers: dict[str, str], status: int) -> None:
    """A cookie needs an origin of ours; a foreign origin is refused with or without one; a Bearer client passes."""
    got, _, body = ask(port, "POST", "/echo", b"", **headers)
    assert got == status, body
    if status == 403:
        assert code_of(body) == "foreign_origin"


def test_without_the_frame_another_site_acts() -> None:
    """Twin: the same application without the frame takes the foreign request."""
    with serving(plain()) as port:
        assert ask(port, "POST", "/echo", b"", **COOKIE, Origin="http://evil.example")[0] == 200


def test_two_origins_are_foreign(port: int) -> None:
    """Whoever sends two hopes that two programs read different ones."""
    head = (
        b"POST /echo HTTP/1.1\r\nHost: x\r\nOrigin: http://guichet.example\r\nOrigin: http://evil.example\r\n"
    )
    assert status_of(raw(port, head + b"Content-Length: 0\r\n\r\n")) == 403


def test_reading_is_open_to_links_from_anywhere(port: int) -> None:
    """Safe methods change nothing, and a link from a newspaper must open."""
    assert ask(port, "GET", "/echo", **COOKIE, Sec_Fetch_Site="cross-site")[0] == 200


def test_behind_a_proxy_that_speaks_tls_the_public_origin_counts() -> None:
    """The proxy asks us in plain http by another host; the browser's origin is the public https one."""
    with serving(in_middleware(public_url="https://guichet.example")) as port:
        assert ask(port, "POST", "/echo", b"", **COOKIE, Origin="https://guichet.example")[0] == 200
        assert ask(port, "POST", "/echo", b"", **COOKIE, Origin="http://guichet.example")[0] == 403


async def handshake(port: int, path: str, **headers: str) -> websockets.ClientConnection:
    return await websockets.connect(
        f"ws://127.0.0.1:{port}{path}", additional_headers=headers, open_timeout=5, compression=None
    )


async def test_a_socket_from_our_own_page_opens_with_an_id(port: int) -> None:
    """So does one of a program that names no origin."""
    for headers in ({"Origin": f"http://127.0.0.1:{port}"}, {"Origin": "http://guichet.example"}, {}):
        async with await handshake(port, "/live", **headers) as opened:
            assert await opened.recv() == "hello"
            assert opened.response is not None
            assert len(opened.response.headers["x-request-id"]) >= 8


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/live", {"Origin": "http://evil.example"}, 403, "foreign_origin"),
        ("/live", {"Origin": "null"}, 403, "foreign_origin"),
        ("/live", {"Origin": "http://evil.example", "Authorization": "Bearer x"}, 403, "foreign_origin"),
        ("/nothing", {}, 404, "not_found"),
        ("/a%00b", {}, 400, "bad_request"),
    ],
)
async def test_a_refused_handshake_says_why(
    port: int, path: str, headers: dict[str, str], status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An HTTP answer with a problem document and an id, before any socket is open; and nobody fills our log with it."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        await handshake(port, path, **headers)
    response = caught.value.response
    assert response.status_code == status
    assert code_of(response.body) == code
    assert len(response.headers["x-request-id"]) >= 8
    assert ask(port, "GET", "/echo")[0] == 200  # the refused connection is over with
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize(("path", "code"), [("/refused", 4401), ("/broken", 1011)])
async def test_a_socket_that_cannot_go_on_is_closed_with_a_code(port: int, path: str, code: int) -> None:
    """A refusal has its own close code; our own failure has 1011."""
    async with await handshake(port, path) as opened:
        with pytest.raises(websockets.ConnectionClosed):
            await opened.recv()
        assert opened.close_code == code


START = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"

KEY = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

HANDSHAKES = {
    "no key": (START + b"\r\n", 400),
    "old version": (START + b"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: x\r\n\r\n", 400),
    "wrong method": (START.replace(b"GET", b"POST") + KEY + b"\r\n", 405),
    "long header": (START + KEY + b"Cookie: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    "many headers": (START + KEY + b"".join(b"X-%d: a\r\n" % n for n in range(200)) + b"\r\n", 431),
    "a body": (START + KEY + b"Content-Length: 5\r\n\r\nabcde", 400),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_handshake_that_is_none_is_answered_and_closed(port: int, name: str) -> None:
    """Whatever is wrong with it: a status, and the connection ends."""
    sent, status = HANDSHAKES[name]
    assert status_of(raw(port, sent)) == status


class HastyProtocol(HttpProtocol):
    """With a deadline that a test can wait for."""

    head_seconds = 0.4


DRIPS = {
    "nothing at all": b"",
    "half a line": b"GET /ec",
    "half a head": b"GET /echo HTTP/1.1\r\nHost: x\r\nX-A: b",
}


def open_for(port: int, sent: bytes, seconds: float) -> float | None:
    """How long a connection that sends this, then a byte now and then, stays open; None: longer than `seconds`."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=0.05) as connection:
        connection.sendall(sent)
        while time.monotonic() - started < seconds:
            try:
                if connection.recv(1000) == b"":
                    return time.monotonic() - started
            except TimeoutError:
                connection.sendall(b"c" if sent else b"")
            except ConnectionResetError:
                return time.monotonic() - started
    return None


@pytest.mark.parametrize("name", DRIPS)
def test_a_connection_that_never_becomes_a_request_is_closed(name: str) -> None:
    """Silence and dripping headers end at the deadline, on the first request as on the second."""
    before = b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"
    with serving(in_middleware(), http=HastyProtocol) as port:
        for sent in (DRIPS[name], before + DRIPS[name] if DRIPS[name] else b""):
            took = open_for(port, sent, 4)
            assert took is not None
            assert 0.3 < took < 3


def test_headers_without_end_are_cut(port: int) -> None:
    """One header of megabytes is not collected: the answer comes long before its end."""
    got = raw(port, b"GET /echo HTTP/1.1\r\nHost: x\r\nX-A: ", *[b"x" * 16_384] * 20)
    assert status_of(got) == 400


def test_a_slow_body_is_not_a_slow_head() -> None:
    """The deadline of the head ends with the head: a body has its own."""
    with serving(in_middleware(), http=HastyProtocol) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5) as connection:
            connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.sendall(b"cd")
            connection.settimeout(5)
            assert status_of(answer(connection)) == 200


def test_uvicorn_alone_waits_for_ever() -> None:
    """Twin: with uvicorn's own classes an unreadable handshake and a dripping head have no answer and no end."""
    with serving(in_middleware(), http="httptools", ws="websockets-sansio") as port:
        with pytest.raises(TimeoutError):
            raw(port, HANDSHAKES["long header"][0], seconds=0.5)
        assert open_for(port, DRIPS["half a head"], 1) is None


@pytest.mark.parametrize("path", ["/things/a%00b", "/things/a%0ab", "/echo?x=%00", "/things/%7f", "/echo%0a"])
def test_control_characters_in_an_address_are_refused(port: int, path: str) -> None:
    """PostgreSQL cannot compare a NUL; a line feed would split a log line."""
    status, _, body = ask(port, "GET", path)
    assert (status, code_of(body)) == (400, "bad_request")


@pytest.mark.parametrize(
    "path", ["/things/%ff%fe", "/things/%zz", "/things/%", "/things/%C3%A9", "/things/..%2f"]
)
def test_odd_percent_signs_are_an_address_like_any_other(port: int, path: str) -> None:
    """Bad UTF-8 becomes a replacement character: some address that a handler does not know."""
    assert ask(port, "GET", path)[0] in (200, 307, 404)


@pytest.mark.parametrize("host", [b"[bad", b"a b", b"x:y", b"x:99999999", b"x/y", b"a@b", b"\xff", b"x\\y"])
def test_a_host_that_no_url_can_be_made_of_is_refused(port: int, host: bytes) -> None:
    """Pages make links from it; which host it is does not matter otherwise."""
    assert status_of(raw(port, b"GET /echo HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")) == 400
    for good in (b"", b"a.example", b"[::1]:80", b"127.0.0.1:8000"):
        assert status_of(raw(port, b"GET /echo HTTP/1.1\r\nHost: " + good + b"\r\n\r\n")) == 200


def test_endless_headers_are_refused(port: int) -> None:
    """The server itself would take megabytes."""
    status, _, body = ask(port, "GET", "/echo", Cookie="x" * 40_000)
    assert (status, code_of(body)) == (400, "bad_request")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_a_wrong_method_is_a_refusal_that_names_the_right_ones(port: int, method: str) -> None:
    """405 with `Allow`, as a problem document."""
    status, headers, body = ask(port, method, "/echo")
    assert (status, code_of(body), headers["allow"]) == (405, "method_not_allowed", "DELETE, GET, HEAD, POST")


@pytest.mark.parametrize(
    "bad",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET\r\n\r\n", b"NONSENSE / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_not_http_never_hangs_or_breaks(port: int, bad: bytes) -> None:
    """The server or the frame answers 4xx, and the next request is served."""
    got = raw(port, bad)
    assert got == b"" or 400 <= status_of(got) < 500
    assert ask(port, "GET", "/echo")[0] == 200


def test_the_last_resort_says_nothing_of_the_error(port: int) -> None:
    """An unexpected error is a 500 in our form, and the connection goes on."""
    status, _, body = ask(port, "GET", "/fail")
    assert (status, code_of(body)) == (500, "unavailable")
    assert b"canary" not in body


def test_an_answer_that_broke_off_is_cut(port: int) -> None:
    """Half an answer must not look whole: the connection is closed before the announced end."""
    got = raw(port, b"GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got.endswith(b"half")


def test_requests_are_counted_by_template_not_by_path() -> None:
    """Neither paths nor odd methods can make figures without end."""
    counted = CountedEvents()
    with serving(in_middleware(counted)) as port:
        ask(port, "GET", "/things/secret-id?token=x")
        ask(port, "GET", "/nothing/secret-id")
        ask(port, "PROPFIND", "/echo")
    requests = [
        {key: row[key] for key in ("route", "method", "status")} for row in counted.seen if "route" in row
    ]
    assert requests == [
        {"route": "/things/{id}", "method": "GET", "status": "200"},
        {"route": "unmatched", "method": "GET", "status": "404"},
        {"route": "/echo", "method": "other", "status": "405"},
    ]
