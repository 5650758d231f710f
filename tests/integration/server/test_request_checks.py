"""What is refused before any route runs: bodies, origins, addresses, hosts, headers."""

import select
import socket
import time
from collections.abc import Iterator

import pytest

from server.networks import Callers
from server.request_checks import MOST_BODY_BYTES
from tests.support.plain_app import BODY_SECONDS, ask, chunks, code_of, in_middleware, plain
from tests.support.processes.serving import answer, raw, serving, status_of

COOKIE = {"Cookie": "ticket-demo=x"}

BEARER = {"Authorization": "Bearer x"}


def test_a_body_at_the_limit_passes_and_one_byte_more_is_refused(port: int) -> None:
    """64 KiB is the limit, whatever Content-Length says."""
    status, _, body = ask(port, "POST", "/echo", b"x" * MOST_BODY_BYTES)
    assert (status, body.split()[0]) == (200, str(MOST_BODY_BYTES).encode())
    status, headers, body = ask(port, "POST", "/echo", b"x" * (MOST_BODY_BYTES + 1))
    assert (status, code_of(body)) == (413, "too_large")
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"


def test_an_address_may_take_longer_posts(port: int) -> None:
    """Up to its own limit, and no other method of it. Twin: `/echo`, above."""
    status, _, body = ask(port, "POST", "/long", b"x" * (4 * MOST_BODY_BYTES))
    assert (status, body.split()[0]) == (200, str(4 * MOST_BODY_BYTES).encode())
    assert ask(port, "POST", "/long", b"x" * (4 * MOST_BODY_BYTES + 1))[0] == 413
    assert ask(port, "DELETE", "/long", b"x" * (MOST_BODY_BYTES + 1))[0] == 413


@pytest.mark.parametrize(("path", "status"), [("/long", 200), ("/echo", 413)])
def test_a_longer_body_has_longer(port: int, path: str, status: int) -> None:
    """Each 64 KiB of it within the time of one body; one that stops on its way is given up all the same."""
    parts = 3
    length = f"Content-Length: {parts * MOST_BODY_BYTES}".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"POST %b HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n" % (path.encode(), length))
        began = time.monotonic()
        for part in range(parts):
            while time.monotonic() - began < 0.8 * BODY_SECONDS * part and status == 200:
                select.select([connection], [], [], 0.02)
            connection.sendall(b"x" * MOST_BODY_BYTES)
        assert status_of(answer(connection)) == status


def test_the_limit_is_the_frames() -> None:
    """Twin: without the frame the same application takes ten times as much."""
    with serving(plain()) as port:
        status, _, body = ask(port, "POST", "/echo", b"x" * (10 * MOST_BODY_BYTES))
    assert (status, body.split()[0]) == (200, str(10 * MOST_BODY_BYTES).encode())


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


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        (BEARER, 200),
        (COOKIE, 403),
        (COOKIE | BEARER, 200),
        (COOKIE | {"Origin": "http://guichet.example"}, 200),
        (COOKIE | {"Origin": "http://GUICHET.example:80"}, 200),
        (COOKIE | {"Origin": "http://asked.example:8080", "Host": "asked.example:8080"}, 403),
        (
            COOKIE | {"Origin": "http://localhost:8000", "Host": "asked.example:8080"},
            200,
        ),  # the demo's own machine
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
        (COOKIE | {"Referer": "http://guichet.example/periodes/demo"}, 200),
        (COOKIE | {"Referer": "http://evil.example/http://guichet.example/"}, 403),
        (COOKIE | {"Referer": ""}, 403),
        (COOKIE | {"Referer": "http://guichet.example/", "Origin": "http://evil.example"}, 403),
        (COOKIE | {"Referer": "http://guichet.example/", "Sec-Fetch-Site": "cross-site"}, 403),
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
    """Whatever it is served under: it is no name."""
    assert status_of(raw(port, b"GET /echo HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")) == 400
    for good in (b"", b"a.example", b"[::1]:80", b"127.0.0.1:8000"):
        assert status_of(raw(port, b"GET /echo HTTP/1.1\r\nHost: " + good + b"\r\n\r\n")) == 200


def test_endless_headers_are_refused(port: int) -> None:
    """The server itself would take megabytes."""
    status, _, body = ask(port, "GET", "/echo", Cookie="x" * 40_000)
    assert (status, code_of(body)) == (400, "bad_request")


@pytest.fixture(scope="module")
def named() -> Iterator[int]:
    """The same application where its name counts."""
    with serving(in_middleware(public_url="https://guichet.example", any_host=False)) as port:
        yield port


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /echo HTTP/1.1\r\nHost: guichet.example\r\n", 200),
        (b"GET /echo HTTP/1.1\r\nHost: GUICHET.EXAMPLE:443\r\n", 200),
        (b"GET /echo HTTP/1.1\r\nHost: guichet.example.\r\n", 200),
        (b"GET /echo HTTP/1.0\r\nHost: guichet.example\r\n", 200),
        (b"GET /echo HTTP/1.1\r\nHost: evil.example\r\n", 421),
        (b"GET /echo HTTP/1.1\r\nHost: guichet.example:8443\r\n", 421),
        (b"GET /echo HTTP/1.1\r\nHost:\r\n", 421),
        (b"GET /echo HTTP/1.0\r\n", 421),
        (b"GET /echo HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: guichet.example\r\n", 421),
        (b"GET /echo HTTP/1.1\r\nHost: guichet.example\r\nX-Forwarded-Host: evil.example\r\n", 200),
        (b"GET /echo HTTP/1.1\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nHost: guichet.example\r\nHost: guichet.example\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nHost: guichet.example\r\nhost: evil.example\r\n", 400),
        (b"GET http://guichet.example/echo HTTP/1.1\r\nHost: evil.example\r\n", 200),
        (b"GET http://evil.example/echo HTTP/1.1\r\nHost: guichet.example\r\n", 421),
        (b"GET http://guichet.example@evil.example/echo HTTP/1.1\r\nHost: guichet.example\r\n", 400),
        (b"GET http://guichet.example/echo HTTP/1.1\r\n", 400),
    ],
)
def test_only_our_own_name_is_served(named: int, head: bytes, status: int) -> None:
    """And the answer to any other says where we are, to people and to programs; no cache keeps it."""
    got = raw(named, head + b"Accept: text/html\r\nConnection: close\r\n\r\n")
    assert status_of(got) == status, got
    if status == 421:
        assert code_of(got.partition(b"\r\n\r\n")[2]) == "misdirected"
        assert b"https://guichet.example" in got
        assert b"cache-control: no-store" in got.lower()


def test_a_socket_has_to_ask_by_our_name_too(named: int) -> None:
    """The handshake is refused before it is one."""
    shake = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    for host, status in ((b"Host: guichet.example\r\n", 101), (b"Host: evil.example\r\n", 421), (b"", 400)):
        with socket.create_connection(("127.0.0.1", named), timeout=5) as connection:
            connection.sendall(b"GET /live HTTP/1.1\r\n" + host + shake)
            assert status_of(connection.recv(65_536)) == status


def test_a_reserved_address_is_none_to_others() -> None:
    """404 by page and by socket, below it too and however it is written; those who may reach it do."""
    for networks, status in ((("127.0.0.0/8",), 200), (("192.0.2.0/24",), 404)):
        reserved = {"/echo": Callers(networks), "/live": Callers(networks)}
        with serving(in_middleware(reserved=reserved)) as port:
            assert ask(port, "GET", "/echo")[0] == ask(port, "GET", "/%65cho")[0] == status
            assert ask(port, "GET", "/things/1")[0] == 200
            refused = ask(port, "GET", "/echo", X_Forwarded_For="203.0.113.9")
            assert (refused[0], code_of(refused[2])) == (404, "not_found")
